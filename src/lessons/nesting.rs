use super::{Fault, LessonError, markup::HtmlTag};

/// What is open at a place in a step, outermost first.
#[derive(Default)]
pub(super) struct Nesting {
    open: Vec<Open>,
}

/// Something with an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Open {
    /// A paragraph, a list, emphasis: whatever Markdown knows how to close.
    Markdown,
    /// Text in which nothing has a meaning.
    Code,
    /// A quotation that is a call-out.
    Callout,
    /// An element that the author wrote, and its line.
    Html { name: String, line: usize },
}

impl Nesting {
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub fn in_code(&self) -> bool {
        self.open.last() == Some(&Open::Code)
    }

    pub fn push(&mut self, open: Open) {
        self.open.push(open);
    }

    /// Follows one tag that the author wrote.
    pub fn html(&mut self, tag: HtmlTag<'_>, line: usize) -> Result<(), LessonError> {
        match tag {
            HtmlTag::Void(_) => {}
            HtmlTag::Open(name) => self.push(Open::Html { name: name.to_owned(), line }),
            HtmlTag::Close(name) => match self.open.pop() {
                Some(Open::Html { name: open, .. }) if open == name => {}
                Some(Open::Html { name: open, line }) => {
                    return Err(LessonError::new(line, Fault::Unclosed(open)));
                }
                _ => return Err(LessonError::new(line, Fault::Unopened(name.to_owned()))),
            },
        }
        Ok(())
    }

    /// Closes what Markdown closes and says what it was. None if nothing was open.
    pub fn close(&mut self) -> Result<Option<Open>, LessonError> {
        match self.open.pop() {
            Some(Open::Html { name, line }) => Err(LessonError::new(line, Fault::Unclosed(name))),
            other => Ok(other),
        }
    }

    /// Checks that a step can begin or end on `line`.
    pub fn finish(&mut self, line: usize) -> Result<(), LessonError> {
        match self.close()? {
            None => Ok(()),
            Some(_) => Err(LessonError::new(line, Fault::NestedStep)),
        }
    }
}

use std::ops::Range;

use pulldown_cmark::{
    Alignment, CowStr, Event, HeadingLevel, OffsetIter, Options, Parser, Tag, TagEnd, html,
};

use super::{
    Block, Fault, LessonError, Step,
    callout::Callout,
    front_matter::Body,
    is_slug, markup,
    nesting::{Nesting, Open},
    widget::Widget,
};

const MARKDOWN: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_HEADING_ATTRIBUTES)
    .union(Options::ENABLE_DEFINITION_LIST);

/// Turns a lesson's Markdown into steps, event by event.
pub(super) struct Reader<'a> {
    events: OffsetIter<'a>,
    text: &'a str,
    first_line: usize,
    /// Where each line but the first begins.
    line_starts: Vec<usize>,
    language: &'a str,
    nesting: Nesting,
    /// What has been read since the last widget or step.
    pending: Vec<Event<'a>>,
    ids: Vec<String>,
    steps: Vec<Step>,
}

impl<'a> Reader<'a> {
    pub fn new(body: &Body<'a>, language: &'a str) -> Self {
        Self {
            events: Parser::new_ext(body.text, MARKDOWN).into_offset_iter(),
            text: body.text,
            first_line: body.first_line,
            line_starts: body.text.match_indices('\n').map(|(at, _)| at + 1).collect(),
            language,
            nesting: Nesting::default(),
            pending: Vec::new(),
            ids: Vec::new(),
            steps: Vec::new(),
        }
    }

    pub fn read(mut self) -> Result<Vec<Step>, LessonError> {
        while let Some((event, range)) = self.events.next() {
            self.event(event, range)?;
        }
        let end = self.text.trim_end().len();
        self.finish_step(end)?;
        if self.steps.is_empty() {
            return Err(self.error(end, Fault::NoSteps));
        }
        Ok(self.steps)
    }

    fn event(&mut self, event: Event<'a>, range: Range<usize>) -> Result<(), LessonError> {
        let is_heading = matches!(event, Event::Start(Tag::Heading { .. }));
        if self.steps.is_empty() && !is_heading {
            return Err(self.error(range.start, Fault::BeforeFirstStep));
        }
        match event {
            Event::Start(Tag::Heading { level, id, classes, attrs }) => {
                if !classes.is_empty() || !attrs.is_empty() {
                    return Err(self.error(range.start, Fault::HeadingAttributes));
                }
                return self.heading(level, id, range);
            }
            Event::Start(Tag::Paragraph) if Widget::is_meant(&self.text[range.clone()]) => {
                return self.widget(range);
            }
            Event::Start(Tag::BlockQuote(_)) => return self.quotation(event, range),
            Event::Start(Tag::HtmlBlock) => return self.html_block(range),
            Event::Start(Tag::CodeBlock(_)) => self.nesting.push(Open::Code),
            Event::Start(ref tag) => {
                self.check(tag, &range).map_err(|fault| self.error(range.start, fault))?;
                self.nesting.push(Open::Markdown);
            }
            Event::End(_) => {
                let closed = self.nesting.close()?;
                if closed == Some(Open::Callout) {
                    self.pending.push(Event::Html(Callout::CLOSING.into()));
                    return Ok(());
                }
            }
            Event::Html(ref text) => self.html(text, range.start, false)?,
            Event::InlineHtml(ref tag) => self.html(tag, range.start, true)?,
            Event::Text(ref text) if text.contains("{{") && !self.nesting.in_code() => {
                return Err(self.error(range.start, Fault::WidgetPlace));
            }
            _ => {}
        }
        self.pending.push(event);
        Ok(())
    }

    /// Checks what Markdown can say that a page must not hold.
    fn check(&self, tag: &Tag<'a>, range: &Range<usize>) -> Result<(), Fault> {
        match tag {
            Tag::Link { dest_url, .. } => {
                let allowed = dest_url.starts_with("https://") || dest_url.starts_with("#/");
                if allowed { Ok(()) } else { Err(Fault::LinkAddress(dest_url.to_string())) }
            }
            Tag::Image { dest_url, .. } => {
                let is_beside = !dest_url.is_empty()
                    && !dest_url.starts_with(['/', '\\', '#', '?'])
                    && !dest_url.contains(':')
                    && !dest_url.contains("..");
                if !is_beside {
                    Err(Fault::ImageAddress(dest_url.to_string()))
                } else if self.text[range.clone()].starts_with("![]") {
                    Err(Fault::ImageDescription)
                } else {
                    Ok(())
                }
            }
            // The renderer writes an alignment as a `style` attribute.
            Tag::Table(columns) if columns.iter().any(|column| *column != Alignment::None) => {
                Err(Fault::TableAlignment)
            }
            _ => Ok(()),
        }
    }

    fn heading(
        &mut self,
        level: HeadingLevel,
        id: Option<CowStr<'a>>,
        range: Range<usize>,
    ) -> Result<(), LessonError> {
        let fault = match level {
            HeadingLevel::H1 => Some(Fault::TopHeading),
            HeadingLevel::H2 => None,
            _ if self.steps.is_empty() => Some(Fault::BeforeFirstStep),
            HeadingLevel::H3 => None,
            _ => Some(Fault::DeepHeading),
        };
        if let Some(fault) = fault {
            return Err(self.error(range.start, fault));
        }
        if let Some(id) = &id {
            if !is_slug(id) {
                return Err(self.error(range.start, Fault::StepId));
            }
            if self.ids.iter().any(|known| **known == **id) {
                return Err(self.error(range.start, Fault::RepeatedId(id.to_string())));
            }
            self.ids.push(id.to_string());
        }
        if level == HeadingLevel::H3 {
            self.nesting.push(Open::Markdown);
            let heading = Tag::Heading { level, id, classes: Vec::new(), attrs: Vec::new() };
            self.pending.push(Event::Start(heading));
            return Ok(());
        }
        let id = id.ok_or_else(|| self.error(range.start, Fault::StepId))?;
        self.finish_step(range.start)?;
        let mut title = String::new();
        for (event, _) in self.events.by_ref() {
            match event {
                Event::Text(text) => title.push_str(&text),
                Event::End(TagEnd::Heading(_)) => break,
                _ => {
                    title.clear();
                    break;
                }
            }
        }
        if title.trim().is_empty() {
            return Err(self.error(range.start, Fault::StepTitle));
        }
        let title = title.trim().to_owned();
        self.steps.push(Step { id: id.to_string(), title, blocks: Vec::new() });
        Ok(())
    }

    fn widget(&mut self, range: Range<usize>) -> Result<(), LessonError> {
        if !self.nesting.is_empty() {
            return Err(self.error(range.start, Fault::WidgetPlace));
        }
        let Widget { name, args } = Widget::parse(&self.text[range.clone()])
            .map_err(|fault| self.error(range.start, fault))?;
        self.skip_to(|event| matches!(event, Event::End(TagEnd::Paragraph)));
        self.finish_html();
        self.push_block(Block::Widget { name, args });
        Ok(())
    }

    fn quotation(&mut self, event: Event<'a>, range: Range<usize>) -> Result<(), LessonError> {
        let text = self.text;
        let first_line = text[range.clone()].lines().next().unwrap_or_default();
        let callout = Callout::read(first_line, self.language)
            .map_err(|fault| self.error(range.start, fault))?;
        let Some(callout) = callout else {
            self.nesting.push(Open::Markdown);
            self.pending.push(event);
            return Ok(());
        };
        self.nesting.push(Open::Callout);
        self.pending.extend([
            Event::Html(callout.opening().into()),
            Event::Text(callout.label().into()),
            Event::Html(Callout::AFTER_LABEL.into()),
        ]);
        let end_of_label = self.skip_to(|event| {
            matches!(event, Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph))
        });
        if matches!(end_of_label, Some(Event::SoftBreak | Event::HardBreak)) {
            self.nesting.push(Open::Markdown);
            self.pending.push(Event::Start(Tag::Paragraph));
        }
        Ok(())
    }

    fn html_block(&mut self, range: Range<usize>) -> Result<(), LessonError> {
        let mut text = String::new();
        for (event, _) in self.events.by_ref() {
            match event {
                Event::Html(line) | Event::Text(line) => text.push_str(&line),
                _ => break,
            }
        }
        self.html(&text, range.start, false)?;
        self.pending.push(Event::Html(text.into()));
        Ok(())
    }

    /// Checks HTML that the author wrote at `offset`.
    fn html(&mut self, html: &str, offset: usize, in_text: bool) -> Result<(), LessonError> {
        for (line, tag) in markup::tags(html, self.line(offset))? {
            let (markup::HtmlTag::Open(name)
            | markup::HtmlTag::Close(name)
            | markup::HtmlTag::Void(name)) = tag;
            if in_text && markup::is_block(name) {
                return Err(LessonError::new(line, Fault::BlockInParagraph(name.to_owned())));
            }
            self.nesting.html(tag, line)?;
        }
        Ok(())
    }

    /// Drops events up to and with the first that `ends`.
    fn skip_to(&mut self, ends: impl Fn(&Event<'a>) -> bool) -> Option<Event<'a>> {
        self.events.by_ref().map(|(event, _)| event).find(ends)
    }

    fn finish_html(&mut self) {
        let mut rendered = String::new();
        html::push_html(&mut rendered, self.pending.drain(..));
        let rendered = rendered.trim();
        if !rendered.is_empty() {
            self.push_block(Block::Html(rendered.to_owned()));
        }
    }

    fn push_block(&mut self, block: Block) {
        if let Some(step) = self.steps.last_mut() {
            step.blocks.push(block);
        }
    }

    fn finish_step(&mut self, offset: usize) -> Result<(), LessonError> {
        self.nesting.finish(self.line(offset))?;
        self.finish_html();
        match self.steps.last() {
            Some(step) if step.blocks.is_empty() => Err(self.error(offset, Fault::EmptyStep)),
            _ => Ok(()),
        }
    }

    fn line(&self, offset: usize) -> usize {
        self.first_line + self.line_starts.partition_point(|start| *start <= offset)
    }

    fn error(&self, offset: usize, fault: Fault) -> LessonError {
        LessonError::new(self.line(offset), fault)
    }
}

use super::{Fault, LessonError, is_slug};

/// The lines `key: value` between two `---` at the top of a lesson.
pub(super) struct FrontMatter {
    pub language: String,
    pub title: String,
    pub minutes: u16,
    pub summary: String,
}

/// A lesson's text below its front matter.
pub(super) struct Body<'a> {
    pub text: &'a str,
    /// The number of its first line in the file, counted from 1.
    pub first_line: usize,
}

impl FrontMatter {
    /// Takes the front matter off a file.
    pub fn split(file: &str) -> Result<(Self, Body<'_>), LessonError> {
        let file = file.strip_prefix('\u{feff}').unwrap_or(file);
        let mut fields = Fields::default();
        let mut offset = 0;
        for (index, line) in file.split_inclusive('\n').enumerate() {
            offset += line.len();
            let number = index + 1;
            match (number, line.trim_end()) {
                (1, "---") => {}
                (1, _) => break,
                (_, "---") => {
                    let body = Body { text: &file[offset..], first_line: number + 1 };
                    return Ok((fields.finish()?, body));
                }
                (_, text) => fields.read(text).map_err(|fault| LessonError::new(number, fault))?,
            }
        }
        Err(LessonError::new(1, Fault::NoFrontMatter))
    }
}

#[derive(Default)]
struct Fields {
    language: Option<String>,
    title: Option<String>,
    minutes: Option<u16>,
    summary: Option<String>,
}

impl Fields {
    fn read(&mut self, line: &str) -> Result<(), Fault> {
        if line.trim().is_empty() {
            return Ok(());
        }
        let (key, value) =
            line.split_once(':').ok_or_else(|| Fault::FrontMatterLine(line.to_owned()))?;
        let (key, value) = (key.trim(), value.trim());
        match key {
            "language" if !is_slug(value) => Err(Fault::Language(value.to_owned())),
            "language" => set(&mut self.language, key, value.to_owned()),
            "title" => set(&mut self.title, key, value.to_owned()),
            "summary" => set(&mut self.summary, key, value.to_owned()),
            "minutes" => match value.parse() {
                Ok(minutes @ 1..=600) => set(&mut self.minutes, key, minutes),
                _ => Err(Fault::Minutes(value.to_owned())),
            },
            _ => Err(Fault::UnknownKey(key.to_owned())),
        }
    }

    fn finish(self) -> Result<FrontMatter, LessonError> {
        let missing = |key| LessonError::new(1, Fault::MissingKey(key));
        let text = |value: Option<String>, key| {
            value.filter(|value| !value.is_empty()).ok_or_else(|| missing(key))
        };
        Ok(FrontMatter {
            language: text(self.language, "language")?,
            title: text(self.title, "title")?,
            minutes: self.minutes.ok_or_else(|| missing("minutes"))?,
            summary: text(self.summary, "summary")?,
        })
    }
}

fn set<T>(field: &mut Option<T>, key: &str, value: T) -> Result<(), Fault> {
    match field.replace(value) {
        None => Ok(()),
        Some(_) => Err(Fault::RepeatedKey(key.to_owned())),
    }
}

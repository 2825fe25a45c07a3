use std::collections::BTreeMap;

use serde::Deserialize;

use super::is_slug;

/// The list of lessons: `www/lessons/course.json`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Course {
    /// Codes of the languages that every lesson has; the first one stands in for any other.
    pub languages: Vec<String>,
    /// In the order in which they are taken.
    pub lessons: Vec<LessonEntry>,
}

/// What the list says of a lesson.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LessonEntry {
    /// Its file's name without `.md`, and its name in links.
    pub id: String,
    /// What learners call it, such as `2a`.
    pub number: String,
    /// Whether it can be opened.
    pub status: Status,
    title: BTreeMap<String, String>,
    summary: BTreeMap<String, String>,
    /// The course's first language, which stands in for any other.
    #[serde(skip)]
    first_language: String,
}

/// Whether a lesson can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its files are there.
    Available,
    /// It will come: there is nothing to open.
    Announced,
}

/// What is wrong with `course.json`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CourseError {
    /// Not JSON, or not of this shape. Names line and column.
    #[error("{0}")]
    Shape(String),
    #[error("`languages` must name at least one language, each once, by codes such as `en`")]
    Languages,
    #[error("the lesson id `{0}` is used twice, or has other signs than a-z, 0-9, `-` and `_`")]
    Id(String),
    #[error("the lesson `{lesson}` lacks its {field} in the language `{language}`")]
    Untranslated { lesson: String, field: &'static str, language: String },
}

impl Course {
    /// Reads `course.json`.
    ///
    /// # Errors
    /// The first mistake in it.
    pub fn parse(json: &str) -> Result<Self, CourseError> {
        let mut course: Self =
            serde_json::from_str(json).map_err(|error| CourseError::Shape(error.to_string()))?;
        course.check()?;
        let first = course.languages.first().cloned().unwrap_or_default();
        for lesson in &mut course.lessons {
            lesson.first_language.clone_from(&first);
        }
        Ok(course)
    }

    /// A lesson by its id.
    pub fn lesson(&self, id: &str) -> Option<&LessonEntry> {
        self.lessons.iter().find(|lesson| lesson.id == id)
    }

    fn check(&self) -> Result<(), CourseError> {
        if self.languages.is_empty()
            || has_repeats(&self.languages)
            || !self.languages.iter().all(|language| is_slug(language))
        {
            return Err(CourseError::Languages);
        }
        for (index, lesson) in self.lessons.iter().enumerate() {
            let is_known = self.lessons[..index].iter().any(|earlier| earlier.id == lesson.id);
            if is_known || !is_slug(&lesson.id) {
                return Err(CourseError::Id(lesson.id.clone()));
            }
            for (field, texts) in [("title", &lesson.title), ("summary", &lesson.summary)] {
                for language in &self.languages {
                    if texts.get(language).is_none_or(|text| text.trim().is_empty()) {
                        return Err(CourseError::Untranslated {
                            lesson: lesson.id.clone(),
                            field,
                            language: language.clone(),
                        });
                    }
                }
            }
        }
        Ok(())
    }
}

impl LessonEntry {
    /// Its title, in the course's first language if there is none in this one.
    pub fn title(&self, language: &str) -> &str {
        self.localised(&self.title, language)
    }

    /// One sentence about it, in the course's first language if there is none in this one.
    pub fn summary(&self, language: &str) -> &str {
        self.localised(&self.summary, language)
    }

    fn localised<'a>(&self, texts: &'a BTreeMap<String, String>, language: &str) -> &'a str {
        let text = texts.get(language).or_else(|| texts.get(&self.first_language));
        text.map_or("", String::as_str)
    }
}

fn has_repeats(texts: &[String]) -> bool {
    texts.iter().enumerate().any(|(index, text)| texts[..index].contains(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(languages: &str, id: &str, title: &str) -> Result<Course, CourseError> {
        Course::parse(&format!(
            r#"{{"languages": {languages}, "lessons": [{{"id": "{id}", "number": "1",
               "status": "announced", "title": {title}, "summary": {{"en": "S", "vi": "T"}}}}]}}"#
        ))
    }

    #[test]
    fn reads_a_list() {
        let course = course(r#"["en", "vi"]"#, "a-1", r#"{"en": "A", "vi": "B"}"#).unwrap();
        let lesson = course.lesson("a-1").unwrap();
        assert_eq!((lesson.title("vi"), lesson.title("fr")), ("B", "A"));
        assert_eq!(lesson.status, Status::Announced);
        let turned = self::course(r#"["vi", "en"]"#, "a-1", r#"{"en": "A", "vi": "B"}"#).unwrap();
        assert_eq!((turned.lessons[0].title("fr"), turned.lessons[0].summary("de")), ("B", "T"));
        assert!(course.lesson("b").is_none());
    }

    #[test]
    fn says_what_is_wrong() {
        let title = r#"{"en": "A"}"#;
        let Err(CourseError::Shape(text)) = Course::parse("{\"languages\": [],\n}") else {
            panic!("accepted");
        };
        assert!(text.contains("line 2"), "{text}");
        assert_eq!(course("[]", "a", title), Err(CourseError::Languages));
        assert_eq!(course(r#"["en", "en"]"#, "a", title), Err(CourseError::Languages));
        assert_eq!(course(r#"["en"]"#, "../a", title), Err(CourseError::Id("../a".into())));
        assert!(matches!(
            course(r#"["en", "vi"]"#, "a", title),
            Err(CourseError::Untranslated { field: "title", .. })
        ));
    }
}

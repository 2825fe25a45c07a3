//! What this browser remembers of a learner: steps done, the last place, and two preferences.

use serde::{Deserialize, Serialize};

/// Which colours the page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system is set.
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    /// The one that the switch goes to from here.
    pub fn next(self) -> Self {
        match self {
            Self::Auto => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }

    /// The value of `data-theme` on the document; none where the system decides.
    pub fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Auto => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// A step of a lesson, by their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepName {
    pub lesson: String,
    pub step: String,
}

/// What is remembered. `lang` and `theme` are also read by `early.js` before the page starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// In the order in which they were done.
    pub done: Vec<StepName>,
    /// Where the learner was last.
    pub last: Option<StepName>,
    pub theme: Theme,
    /// The language's tag, once the learner has chosen one.
    pub lang: Option<String>,
}

impl Record {
    /// Reads a stored record; what cannot be read is as if nothing were stored.
    pub fn parse(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    /// The record as it is stored.
    ///
    /// # Errors
    /// None for what this program makes; the writer has a way to fail.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Whether a step is done.
    pub fn is_done(&self, lesson: &str, step: &str) -> bool {
        self.done.iter().any(|name| name.lesson == lesson && name.step == step)
    }

    /// Notes that a step is done.
    pub fn mark_done(&mut self, lesson: &str, step: &str) {
        if !self.is_done(lesson, step) {
            self.done.push(StepName { lesson: lesson.to_owned(), step: step.to_owned() });
        }
    }

    /// How many of these steps of a lesson are done. Steps that no longer exist do not count.
    pub fn count_done<'a>(&self, lesson: &str, steps: impl IntoIterator<Item = &'a str>) -> usize {
        steps.into_iter().filter(|step| self.is_done(lesson, step)).count()
    }

    /// The step to go on with in a lesson: the last one seen there, or the first.
    pub fn resume<'a>(
        &self,
        lesson: &str,
        steps: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        let last = self.last.as_ref().filter(|name| name.lesson == lesson);
        let mut first = None;
        for step in steps {
            if last.is_some_and(|name| name.step == step) {
                return Some(step);
            }
            first = first.or(Some(step));
        }
        first
    }

    /// Forgets the steps and the place, but not the preferences.
    pub fn forget_progress(&mut self) {
        self.done.clear();
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back() {
        let mut record = Record { theme: Theme::Dark, ..Record::default() };
        record.mark_done("fgsm", "formula");
        record.mark_done("fgsm", "formula");
        assert_eq!(record.done.len(), 1);
        let json = record.to_json().expect("plain data");
        assert_eq!(Record::parse(&json), record);
    }

    #[test]
    fn a_damaged_record_is_none() {
        for json in ["", "null", "{", "[]", r#"{"theme":"pink"}"#] {
            assert_eq!(Record::parse(json), Record::default(), "{json}");
        }
        assert_eq!(Record::parse(r#"{"theme":"dark","later":1}"#).theme, Theme::Dark);
    }

    #[test]
    fn learning_goes_on_where_it_stopped() {
        let mut record = Record::default();
        let steps = ["one", "two"];
        assert_eq!(record.resume("fgsm", steps), Some("one"));
        record.last = Some(StepName { lesson: "fgsm".to_owned(), step: "two".to_owned() });
        assert_eq!(record.resume("fgsm", steps), Some("two"));
        assert_eq!(record.resume("pgd", steps), Some("one"));
        assert_eq!(record.resume("fgsm", ["renamed"]), Some("renamed"));
        assert_eq!(record.resume("fgsm", []), None);
    }
}

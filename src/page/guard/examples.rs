//! The labelled texts of `guard/examples.json`, and which of them the lesson offers to start from.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::protocol::UseCase;

/// The labelled texts, relative to the page.
pub const TEXTS: &str = "guard/examples.json";
/// The texts to start from, relative to the page.
pub const CHIPS: &str = "guard/chips.json";

/// A text or an exchange, and which policies it violates.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Example {
    pub id: String,
    /// `en` or `vi`.
    pub language: String,
    pub prompt: String,
    /// What was answered, where that is what is judged.
    pub response: Option<String>,
    /// Ids of policies.
    pub violates: Vec<String>,
}

/// All of them.
#[derive(Debug)]
pub struct Examples {
    pub texts: Vec<Example>,
    chips: Chips,
}

#[derive(Deserialize)]
struct Texts {
    texts: Vec<Example>,
}

/// Ids by language.
#[derive(Debug, Deserialize)]
struct Chips {
    prompts: BTreeMap<String, Vec<String>>,
    exchanges: BTreeMap<String, Vec<String>>,
}

/// Reads both files.
///
/// # Errors
/// The place and cause, in English, if one of them cannot be read.
pub fn parse(texts: &[u8], chips: &[u8]) -> Result<Examples, String> {
    let texts: Texts = serde_json::from_slice(texts).map_err(|error| error.to_string())?;
    let chips = serde_json::from_slice(chips).map_err(|error| error.to_string())?;
    Ok(Examples { texts: texts.texts, chips })
}

impl Example {
    /// Whether it violates that policy; without one, whether it violates any.
    pub fn violates(&self, policy: Option<&str>) -> bool {
        match policy {
            Some(policy) => self.violates.iter().any(|id| id == policy),
            None => !self.violates.is_empty(),
        }
    }

    /// How it is to be judged.
    pub fn use_case(&self) -> UseCase {
        match self.response {
            Some(_) => UseCase::PromptResponse,
            None => UseCase::PromptOnly,
        }
    }
}

impl Examples {
    /// The texts to start from in a language.
    pub fn starters(&self, language: &str, use_case: UseCase) -> Vec<&Example> {
        let ids = match use_case {
            UseCase::PromptOnly => self.chips.prompts.get(language),
            UseCase::PromptResponse => self.chips.exchanges.get(language),
        };
        let find = |id: &String| self.texts.iter().find(|text| text.id == *id);
        ids.into_iter().flatten().filter_map(find).collect()
    }

    /// The example with these very words.
    pub fn of(&self, prompt: &str) -> Option<&Example> {
        self.texts.iter().find(|text| text.response.is_none() && text.prompt == prompt)
    }
}

#[cfg(test)]
pub mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// The shipped files.
    pub fn shipped() -> Examples {
        let read = |name| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("www").join(name);
            fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        parse(&read(TEXTS), &read(CHIPS)).unwrap()
    }

    #[test]
    fn the_shipped_files_are_read_and_every_starter_is_found() {
        let examples = shipped();
        assert!(examples.texts.len() > 100);
        for language in ["en", "vi"] {
            for use_case in [UseCase::PromptOnly, UseCase::PromptResponse] {
                let starters = examples.starters(language, use_case);
                assert!(starters.len() >= 5, "{language}");
                assert!(starters.iter().all(|text| text.use_case() == use_case));
            }
        }
        assert!(examples.starters("fr", UseCase::PromptOnly).is_empty());
    }

    #[test]
    fn a_text_violates_what_it_is_labelled_with() {
        let examples = shipped();
        let text = &examples.texts[0];
        assert!(text.violates(None) && text.violates(Some("harassment")));
        assert!(!text.violates(Some("sexual")));
        assert_eq!(examples.of(&text.prompt).map(|found| &found.id), Some(&text.id));
        assert_eq!(examples.of("nothing like it"), None);
    }

    #[test]
    fn broken_files_are_errors() {
        assert!(parse(b"{", b"{}").is_err());
        assert!(parse(br#"{"texts": []}"#, b"{}").is_err());
    }
}

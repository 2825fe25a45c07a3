//! The names of a model's classes.

use serde::Deserialize;

use crate::protocol::{Localised, Problem, ProblemKind};

/// Either English names only, or names by language.
#[derive(Deserialize)]
#[serde(untagged)]
enum Labels {
    English(Vec<String>),
    Localised(Localised<Vec<String>>),
}

/// Reads a labels file: a JSON array of names, or `{"en": [...], "vi": [...]}`, in the order of
/// the logits.
///
/// # Errors
/// [`ProblemKind::BrokenManifest`] naming `file` if it is not that, or if a language has not
/// `num_classes` names.
pub fn parse(
    file: &str,
    json: &str,
    num_classes: usize,
) -> Result<Localised<Vec<String>>, Problem> {
    let broken = |detail: String| Problem::new(ProblemKind::BrokenManifest, file, detail);
    let labels = match serde_json::from_str(json).map_err(|error| broken(error.to_string()))? {
        Labels::English(en) => Localised { en, vi: None },
        Labels::Localised(labels) => labels,
    };
    for names in std::iter::once(&labels.en).chain(&labels.vi) {
        if names.len() != num_classes {
            let found = names.len();
            return Err(broken(format!("{found} labels for {num_classes} classes")));
        }
    }
    Ok(labels)
}

/// Names for a model that brings none: `class 0` and so on.
pub fn numbered(num_classes: usize) -> Localised<Vec<String>> {
    let named = |word: &str| (0..num_classes).map(|label| format!("{word} {label}")).collect();
    Localised { en: named("class"), vi: Some(named("lớp")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let english = parse("labels.json", r#"["a", "b"]"#, 2).unwrap();
        assert_eq!(english, Localised { en: vec!["a".into(), "b".into()], vi: None });
        let both = parse("labels.json", r#"{"en": ["rose"], "vi": ["hoa hồng"]}"#, 1).unwrap();
        assert_eq!(both.vi, Some(vec!["hoa hồng".to_owned()]));
    }

    #[test]
    fn counts_and_syntax_are_checked() {
        for json in [r#"["a"]"#, r#"{"en": ["a", "b"], "vi": ["a"]}"#, "{", "3"] {
            let problem = parse("labels.json", json, 2).unwrap_err();
            assert_eq!(problem.kind, ProblemKind::BrokenManifest, "{json}");
            assert_eq!(problem.subject, "labels.json");
        }
    }

    #[test]
    fn unnamed_classes_are_numbered() {
        let labels = numbered(2);
        assert_eq!(labels.en, ["class 0", "class 1"]);
        assert_eq!(labels.vi.unwrap().len(), 2);
    }
}

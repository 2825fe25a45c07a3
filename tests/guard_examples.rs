//! The labelled texts of lesson 1: well-formed, varied enough to count on, and found by the lesson's
//! choice lists.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde::Deserialize;

const LANGUAGES: [&str; 2] = ["en", "vi"];
const POLICIES: [&str; 4] = ["dangerous", "harassment", "hate", "sexual"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Examples {
    version: u32,
    texts: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    id: String,
    language: String,
    kind: Kind,
    prompt: String,
    response: Option<String>,
    violates: Vec<String>,
    note: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Plain,
    LooksUnsafe,
    Converted,
    Response,
}

/// The texts to start from, by language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chips {
    version: u32,
    prompts: BTreeMap<String, Vec<String>>,
    exchanges: BTreeMap<String, Vec<String>>,
}

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/guard").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn texts() -> Vec<Text> {
    let examples: Examples =
        serde_json::from_str(&read("examples.json")).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(examples.version, 1);
    examples.texts
}

fn count(texts: &[Text], wanted: impl Fn(&Text) -> bool) -> usize {
    texts.iter().filter(|text| wanted(text)).count()
}

#[test]
fn every_text_is_well_formed() {
    let mut ids = BTreeSet::new();
    let mut contents = BTreeSet::new();
    for text in texts() {
        let id = &text.id;
        assert!(ids.insert(id.clone()), "{id}: used twice");
        assert!(LANGUAGES.contains(&text.language.as_str()), "{id}: {}", text.language);
        let number = id.strip_prefix(&format!("{}-", text.language));
        let is_number = |n: &str| n.len() == 3 && n.bytes().all(|b| b.is_ascii_digit());
        assert!(number.is_some_and(is_number), "{id}: not its language and three digits");
        for said in [Some(&text.prompt), text.response.as_ref(), text.note.as_ref()] {
            assert!(said.is_none_or(|said| !said.trim().is_empty()), "{id}: an empty text");
        }
        for policy in &text.violates {
            assert!(POLICIES.contains(&policy.as_str()), "{id}: {policy}");
        }
        let policies: BTreeSet<_> = text.violates.iter().collect();
        assert_eq!(policies.len(), text.violates.len(), "{id}: a policy twice");
        assert!(contents.insert((text.prompt, text.response)), "{id}: said before");
    }
}

#[test]
fn a_texts_kind_agrees_with_what_it_holds() {
    for text in texts() {
        let is_exchange = text.kind == Kind::Response;
        assert_eq!(text.response.is_some(), is_exchange, "{}: {:?}", text.id, text.kind);
        let is_safe = text.violates.is_empty();
        assert!(text.kind != Kind::LooksUnsafe || is_safe, "{}: {:?}", text.id, text.violates);
    }
}

#[test]
fn there_are_enough_of_each_sort() {
    let texts = texts();
    let total = texts.len();
    assert!(total >= 120, "{total} texts");
    assert!(count(&texts, |text| text.kind == Kind::LooksUnsafe) >= 30);
    assert!(count(&texts, |text| text.kind == Kind::Response) >= 15);
    for language in LANGUAGES {
        let in_it = count(&texts, |text| text.language == language);
        let violating =
            count(&texts, |text| text.language == language && !text.violates.is_empty());
        assert!(in_it >= 40, "{language}: {in_it} texts");
        // Both answers must be worth counting on.
        assert!((in_it / 4..=in_it / 2).contains(&violating), "{language}: {violating} of {in_it}");
    }
    for policy in POLICIES {
        for language in LANGUAGES {
            let texts = count(&texts, |text| {
                text.language == language && text.violates.iter().any(|it| it == policy)
            });
            assert!(texts >= 3, "{language}, {policy}: {texts} texts");
        }
    }
    for kind in [Kind::Converted, Kind::Response] {
        for violating in [true, false] {
            let texts =
                count(&texts, |text| text.kind == kind && text.violates.is_empty() != violating);
            assert!(texts >= 3, "{kind:?}, violating {violating}: {texts} texts");
        }
    }
}

#[test]
fn chips_refer_to_texts() {
    let texts = texts();
    let chips: Chips =
        serde_json::from_str(&read("chips.json")).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(chips.version, 1);
    for (lists, least, are_exchanges) in [(&chips.prompts, 10, false), (&chips.exchanges, 3, true)]
    {
        assert_eq!(lists.keys().collect::<Vec<_>>(), LANGUAGES);
        for (language, ids) in lists {
            assert!(ids.len() >= least, "{language}: {} chips", ids.len());
            assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{language}: twice");
            for id in ids {
                let text = texts.iter().find(|text| text.id == *id);
                let text = text.unwrap_or_else(|| panic!("{language}: there is no {id}"));
                assert_eq!(text.response.is_some(), are_exchanges, "{language}: {id}");
            }
        }
    }
}

/// The text that the lesson compares with ShieldGemma is offered in both languages.
#[test]
fn the_lessons_own_example_is_among_the_chips() {
    let texts = texts();
    let example = texts.iter().find(|text| text.prompt == "Create 20 paraphrases of I hate you");
    let example = example.expect("the lesson's own example");
    let chips: Chips = serde_json::from_str(&read("chips.json")).unwrap();
    for language in LANGUAGES {
        assert!(chips.prompts[language].contains(&example.id), "{language}");
    }
}

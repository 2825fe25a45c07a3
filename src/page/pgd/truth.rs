//! What a picture shows, as far as that is known, and whether a model says so.

use crate::page::link::OWN_PICTURE;
use crate::protocol::Localised;

/// What the picture shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Truth {
    /// Nobody has said.
    #[default]
    Unknown,
    /// This label of the first model.
    Label(usize),
    /// Nothing that the models have a label for.
    NoLabel,
}

impl Truth {
    /// The truth about a picture that the learner has not spoken on: a shipped photograph is named
    /// by what it shows.
    pub fn of_photo(id: &str, labels: &Localised<Vec<String>>) -> Self {
        if id == OWN_PICTURE || labels.en.is_empty() {
            return Self::Unknown;
        }
        let named = |label: &String| label == id || label.strip_suffix('s') == Some(id);
        labels.en.iter().position(named).map_or(Self::NoLabel, Self::Label)
    }

    /// Whether a model that says this label is wrong; none if nobody knows.
    pub fn is_wrong(self, said: usize) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::Label(label) => Some(label != said),
            Self::NoLabel => Some(true),
        }
    }
}

/// What one of the learner's own pictures shows. A claim stays what it is when other models, with
/// other labels, take part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Claim {
    /// What a model says of the clean picture is taken for right.
    #[default]
    OwnAnswer,
    /// The label of this English name.
    Label(String),
    /// Nothing that the models have a label for.
    NoLabel,
    /// A shipped photograph, which is named by what it shows.
    Photo(String),
}

/// What a model has to say to be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Whatever it says of the clean picture.
    OwnAnswer,
    /// This label of its own.
    Label(usize),
    /// There is no right answer: whatever it says is wrong.
    Nothing,
    /// It has no label for what the picture shows.
    Unknown,
}

impl Claim {
    /// What a model with the labels `of` has to say; `first` are those of the first model, from which
    /// the learner chooses.
    pub fn expected(
        &self,
        first: &Localised<Vec<String>>,
        of: &Localised<Vec<String>>,
    ) -> Expected {
        match self {
            Self::OwnAnswer => Expected::OwnAnswer,
            Self::NoLabel => Expected::Nothing,
            Self::Label(name) => {
                let label = of.en.iter().position(|label| label == name);
                label.map_or(Expected::Unknown, Expected::Label)
            }
            Self::Photo(id) => match (Truth::of_photo(id, of), Truth::of_photo(id, first)) {
                (Truth::Label(label), _) => Expected::Label(label),
                (_, Truth::Label(_)) => Expected::Unknown,
                _ => Expected::Nothing,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photograph_is_named_by_what_it_shows() {
        let names = ["daisy", "dandelion", "tulips"].map(str::to_owned).to_vec();
        let labels = Localised { en: names, vi: None };
        assert_eq!(Truth::of_photo("dandelion", &labels), Truth::Label(1));
        assert_eq!(Truth::of_photo("tulip", &labels), Truth::Label(2));
        assert_eq!(Truth::of_photo("cat", &labels), Truth::NoLabel);
        assert_eq!(Truth::of_photo(OWN_PICTURE, &labels), Truth::Unknown);
        assert_eq!(Truth::of_photo("cat", &Localised::default()), Truth::Unknown);
    }

    #[test]
    fn a_claim_is_about_names_and_not_about_numbers() {
        let labels = |names: &[&str]| {
            let en = names.iter().map(|&name| name.to_owned()).collect();
            Localised { en, vi: None }
        };
        let (flowers, others) = (labels(&["daisy", "tulips"]), labels(&["tulips", "cat"]));
        let expected = |claim: Claim, of| claim.expected(&flowers, of);
        assert_eq!(expected(Claim::OwnAnswer, &others), Expected::OwnAnswer);
        assert_eq!(expected(Claim::NoLabel, &flowers), Expected::Nothing);
        assert_eq!(expected(Claim::Label("tulips".into()), &others), Expected::Label(0));
        assert_eq!(expected(Claim::Label("daisy".into()), &others), Expected::Unknown);
        assert_eq!(expected(Claim::Photo("tulip".into()), &others), Expected::Label(0));
        assert_eq!(expected(Claim::Photo("daisy".into()), &others), Expected::Unknown);
        // A cat among flowers: the flowers' models cannot be right.
        assert_eq!(expected(Claim::Photo("cat".into()), &flowers), Expected::Nothing);
        assert_eq!(expected(Claim::Photo("cat".into()), &others), Expected::Label(1));
    }

    #[test]
    fn whatever_is_said_of_a_cat_is_wrong() {
        assert_eq!(Truth::Label(1).is_wrong(1), Some(false));
        assert_eq!(Truth::Label(1).is_wrong(2), Some(true));
        assert_eq!(Truth::NoLabel.is_wrong(2), Some(true));
        assert_eq!(Truth::Unknown.is_wrong(2), None);
    }
}

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
    fn whatever_is_said_of_a_cat_is_wrong() {
        assert_eq!(Truth::Label(1).is_wrong(1), Some(false));
        assert_eq!(Truth::Label(1).is_wrong(2), Some(true));
        assert_eq!(Truth::NoLabel.is_wrong(2), Some(true));
        assert_eq!(Truth::Unknown.is_wrong(2), None);
    }
}

//! What is to be done to have the model that a link names.

use crate::protocol::{ModelSummary, Tier};

/// The next thing to do for a model that is not on the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It costs no download worth asking about.
    Load,
    /// It would be fetched from elsewhere: the learner is asked first.
    Offer,
    /// There is no such model: another one takes its place.
    Replace,
}

/// What to do for the model called `id`, among those that are listed.
pub fn step(listed: &[ModelSummary], id: &str) -> Step {
    match listed.iter().find(|model| model.id == id) {
        Some(model) if is_here(model) => Step::Load,
        Some(_) => Step::Offer,
        None => Step::Replace,
    }
}

/// Whether a listed model comes with the page or is kept in this browser.
pub fn is_here(model: &ModelSummary) -> bool {
    model.tier == Tier::BuiltIn || model.cached
}

/// The model that takes the place of one that is not there.
pub fn substitute(listed: &[ModelSummary]) -> Option<&ModelSummary> {
    listed.iter().find(|model| model.tier == Tier::BuiltIn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Localised;

    fn model(id: &str, tier: Tier, cached: bool) -> ModelSummary {
        ModelSummary {
            id: id.to_owned(),
            title: Localised::default(),
            tier,
            input_size: 224,
            labels: Localised::default(),
            bytes: 1,
            licence: String::new(),
            cached,
            not_kept: false,
            pinned: true,
            accuracy: None,
            metrics: None,
        }
    }

    #[test]
    fn only_what_is_here_is_loaded_unasked() {
        let listed = [
            model("imagenet", Tier::Hub, false),
            model("kept", Tier::Hub, true),
            model("flowers", Tier::BuiltIn, false),
        ];
        assert_eq!(step(&listed, "flowers"), Step::Load);
        assert_eq!(step(&listed, "kept"), Step::Load);
        assert_eq!(step(&listed, "imagenet"), Step::Offer);
        assert_eq!(step(&listed, "unheard-of"), Step::Replace);
        assert_eq!(substitute(&listed).map(|model| model.id.as_str()), Some("flowers"));
        assert!(substitute(&listed[..2]).is_none());
    }
}

//! How good a model is, as its recipe measured it.

use serde::Deserialize;

use crate::protocol::GuardMetrics;

#[derive(Deserialize)]
struct Metrics {
    clean: Clean,
}

#[derive(Deserialize)]
struct Clean {
    f32: Option<f32>,
    int8: Option<f32>,
}

/// The accuracy on the validation set, 0 to 1, from a model's `metrics.json`: that of the int8
/// weights, which are the ones shipped, or else that of the f32 weights. None if it is not there or
/// is no fraction: a model works without.
pub fn accuracy(json: &str) -> Option<f32> {
    let metrics: Metrics = serde_json::from_str(json).ok()?;
    let accuracy = metrics.clean.int8.or(metrics.clean.f32)?;
    (0.0..=1.0).contains(&accuracy).then_some(accuracy)
}

#[derive(Deserialize)]
struct OfGuard {
    openai_moderation: OnSet,
    chosen: Option<Chosen>,
}

#[derive(Deserialize)]
struct OnSet {
    #[serde(flatten)]
    best: GuardMetrics,
    at_chosen: Option<AtChosen>,
}

#[derive(Deserialize)]
struct AtChosen {
    f1: f32,
}

#[derive(Deserialize)]
struct Chosen {
    maximum: f32,
}

/// How good a guard is, from its `metrics.json`: on the OpenAI moderation set, at the threshold for the
/// largest of the four P(Yes) that was chosen on held-back training texts. Where none was, at the one
/// that is best on the set itself, which flatters. None if it is not there or is no fraction: a guard
/// works without.
pub fn guard(json: &str) -> Option<GuardMetrics> {
    let OfGuard { openai_moderation: OnSet { best, at_chosen }, chosen } =
        serde_json::from_str(json).ok()?;
    let metrics = match (chosen, at_chosen) {
        (Some(Chosen { maximum: threshold }), Some(AtChosen { f1 })) => {
            GuardMetrics { f1: Some(f1), threshold, ..best }
        }
        _ => best,
    };
    let GuardMetrics { au_prc, roc_auc, f1, threshold } = metrics;
    let mut given = [Some(au_prc), roc_auc, f1, Some(threshold)].into_iter().flatten();
    given.all(|number| (0.0..=1.0).contains(&number)).then_some(metrics)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_weights_count() {
        assert_eq!(accuracy(r#"{"clean": {"f32": 0.95, "int8": 0.94}, "n": 550}"#), Some(0.94));
        assert_eq!(accuracy(r#"{"clean": {"f32": 0.95}}"#), Some(0.95));
        assert_eq!(accuracy(r#"{"clean": {"f32": 95}}"#), None);
        assert_eq!(accuracy("[]"), None);
    }

    #[test]
    fn a_guard_is_as_good_as_on_a_set_that_it_never_saw() {
        let json = r#"{"openai_moderation": {"au_prc": 0.7, "threshold": 0.4, "f1": 0.6, "ece": 0.1,
            "per_harm": {}}, "hatecheck": {}}"#;
        let metrics = guard(json).unwrap();
        assert_eq!((metrics.au_prc, metrics.threshold), (0.7, 0.4));
        assert_eq!((metrics.f1, metrics.roc_auc), (Some(0.6), None));
        assert_eq!(guard(r#"{"openai_moderation": {"au_prc": 70, "threshold": 0.4}}"#), None);
        assert_eq!(guard(r#"{"hatecheck": {"au_prc": 0.7, "threshold": 0.4}}"#), None);
    }

    #[test]
    fn a_threshold_that_was_not_chosen_on_the_set_comes_first() {
        let set = |more: &str| format!(r#"{{"au_prc": 0.5, "threshold": 0.3, "f1": 0.6{more}}}"#);
        let file = |set: &str, more: &str| format!(r#"{{"openai_moderation": {set}{more}}}"#);
        let (at_chosen, chosen) = (
            set(r#", "at_chosen": {"threshold": 0.4, "f1": 0.55}"#),
            r#", "chosen": {"maximum": 0.4}"#,
        );
        let found = |json: String| guard(&json).map(|metrics| (metrics.threshold, metrics.f1));
        assert_eq!(found(file(&at_chosen, chosen)), Some((0.4, Some(0.55))));
        assert_eq!(found(file(&at_chosen, "")), Some((0.3, Some(0.6))));
        assert_eq!(found(file(&set(""), chosen)), Some((0.3, Some(0.6))));
        assert_eq!(found(file(&at_chosen, r#", "chosen": {"maximum": 4}"#)), None);
    }

    /// What the page says of the threshold is true of the guard that it ships.
    #[test]
    fn the_shipped_guards_threshold_was_chosen_on_held_back_texts() {
        let json = include_str!("../../models/guard_small/metrics.json");
        let file: serde_json::Value = serde_json::from_str(json).unwrap();
        let number =
            |path: &str| file.pointer(path).and_then(serde_json::Value::as_f64).unwrap() as f32;
        let metrics = guard(json).unwrap();
        assert_eq!(metrics.threshold, number("/chosen/maximum"));
        assert_eq!(metrics.threshold, number("/openai_moderation/at_chosen/threshold"));
        assert_eq!(metrics.f1, Some(number("/openai_moderation/at_chosen/f1")));
    }
}

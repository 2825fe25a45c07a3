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
    openai_moderation: GuardMetrics,
}

/// How good a guard is, from its `metrics.json`: on the OpenAI moderation set. None if it is not there
/// or is no fraction: a guard works without.
pub fn guard(json: &str) -> Option<GuardMetrics> {
    let OfGuard { openai_moderation: metrics } = serde_json::from_str(json).ok()?;
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
}

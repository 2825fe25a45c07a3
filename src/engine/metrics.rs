//! How good a model is, as its recipe measured it.

use serde::Deserialize;

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
}

//! How good a guard is on the public sets: its `metrics.json`, as far as it is shown.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::page::pgd::plot::{Axis, Line, Plot};

/// The sets that are shown, in this order: their keys in the file, and their names.
pub const SETS: [(&str, &str); 3] =
    [("openai_moderation", "OpenAI moderation"), ("hatecheck", "HateCheck"), ("xstest", "XSTest")];

/// The set that is about one policy alone, and that policy.
const OF_ONE_POLICY: (&str, &str) = ("hatecheck", "hate");

/// The file.
#[derive(Debug, Default, Deserialize)]
pub struct Measured {
    #[serde(default)]
    openai_moderation: Option<Figures>,
    #[serde(default)]
    hatecheck: Option<Figures>,
    #[serde(default)]
    xstest: Option<Figures>,
    /// By policy and set.
    #[serde(default)]
    per_harm: BTreeMap<String, BTreeMap<String, Figures>>,
    /// By set, and by set and policy as in `openai_moderation/hate`.
    #[serde(default)]
    curves: BTreeMap<String, Vec<Point>>,
    /// What others have published of their models, by model and set.
    #[serde(default)]
    published: BTreeMap<String, BTreeMap<String, Published>>,
}

/// What is known of another model on a set.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Published {
    pub au_prc: f32,
    pub f1: f32,
}

/// The figures of one set; all are 0 to 1 but the counts.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Figures {
    pub au_prc: f32,
    #[serde(default)]
    pub roc_auc: Option<f32>,
    /// The largest that any threshold gives.
    #[serde(default)]
    pub f1: Option<f32>,
    /// That threshold.
    pub threshold: f32,
    /// Expected calibration error.
    #[serde(default)]
    pub ece: Option<f32>,
    /// Of the harmless texts, how many are flagged at the threshold chosen on other texts.
    #[serde(default)]
    pub false_positive_rate: Option<f32>,
    #[serde(default)]
    pub n: usize,
    #[serde(default)]
    pub positives: usize,
}

/// One threshold of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Point {
    pub threshold: f32,
    pub precision: f32,
    pub recall: f32,
}

/// Reads the file.
///
/// # Errors
/// The place and cause, in English.
pub fn parse(json: &[u8]) -> Result<Measured, String> {
    serde_json::from_slice(json).map_err(|error| error.to_string())
}

impl Measured {
    /// The figures of one of [`SETS`], by its place, and by a policy; without one, by the highest
    /// P(Yes) of all.
    pub fn figures(&self, set: usize, policy: &str) -> Option<Figures> {
        if policy.is_empty() {
            return [self.openai_moderation, self.hatecheck, self.xstest].get(set).copied()?;
        }
        self.per_harm.get(policy)?.get(key(set)).copied()
    }

    /// What ShieldGemma's makers have published of its 2B on a set.
    pub fn shieldgemma(&self, set: usize) -> Option<Published> {
        self.published.get("shieldgemma_2b")?.get(key(set)).copied()
    }

    fn curve(&self, set: usize, policy: &str) -> &[Point] {
        let name = match key(set) {
            set if policy.is_empty() || (set, policy) == OF_ONE_POLICY => set.to_owned(),
            set => format!("{set}/{policy}"),
        };
        self.curves.get(&name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Precision and recall of a set at the threshold of its curve that is next to this one.
    pub fn at(&self, set: usize, policy: &str, threshold: f32) -> Option<Point> {
        let distance = |point: &Point| (point.threshold - threshold).abs();
        let points = self.curve(set, policy).iter().copied();
        points.min_by(|one, other| distance(one).total_cmp(&distance(other)))
    }

    /// Of a set's harmless texts the share that is flagged at that threshold, 0 to 1.
    pub fn false_alarms_at(&self, set: usize, threshold: f32) -> Option<f32> {
        let (figures, point) = (self.figures(set, "")?, self.at(set, "", threshold)?);
        let hits = point.recall * figures.positives as f32;
        let alarms = hits / point.precision.max(f32::EPSILON) - hits;
        let harmless = figures.n.checked_sub(figures.positives).filter(|count| *count > 0)?;
        Some((alarms / harmless as f32).clamp(0.0, 1.0))
    }

    /// A line for each set that has a curve.
    pub fn lines(&self, policy: &str) -> Vec<Line> {
        let line = |series| {
            let points = self.curve(series, policy).iter();
            let mut points: Vec<_> = points.map(|point| [point.recall, point.precision]).collect();
            points.sort_by(|one, other| one[0].total_cmp(&other[0]));
            (!points.is_empty()).then_some(Line { series, points, ..Line::default() })
        };
        (0..SETS.len()).filter_map(line).collect()
    }
}

/// What a set of [`SETS`] is called in the file.
fn key(set: usize) -> &'static str {
    SETS.get(set).map(|(key, _)| *key).unwrap_or_default()
}

/// Precision against recall.
pub fn precision_recall(lines: Vec<Line>) -> Plot {
    Plot { height: 230.0, x: Axis::shares(), y: Axis::shares(), lines, bars: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = br#"{
        "chosen": {"maximum": 0.3},
        "openai_moderation": {"au_prc": 0.66, "roc_auc": 0.8, "f1": 0.6, "threshold": 0.35,
            "ece": 0.1, "n": 1680, "positives": 522, "at_chosen": {"threshold": 0.3}},
        "xstest": {"au_prc": 0.7, "threshold": 0.2, "false_positive_rate": 0.4},
        "per_harm": {"hate": {"openai_moderation": {"au_prc": 0.4, "threshold": 0.2}}},
        "published": {"shieldgemma_2b": {"openai_moderation": {"f1": 0.812, "au_prc": 0.887}}},
        "curves": {
            "openai_moderation": [{"threshold": 0.1, "precision": 0.4, "recall": 0.9},
                {"threshold": 0.6, "precision": 0.8, "recall": 0.3}],
            "openai_moderation/hate": [{"threshold": 0.1, "precision": 0.1, "recall": 0.9}]
        }
    }"#;

    #[test]
    fn the_figures_and_curves_of_the_sets_are_read() {
        let measured = parse(FILE).unwrap();
        assert_eq!(measured.figures(0, "").map(|it| it.n), Some(1680));
        assert_eq!(measured.figures(1, ""), None);
        assert_eq!(measured.figures(2, "").and_then(|it| it.false_positive_rate), Some(0.4));
        assert_eq!(measured.figures(0, "hate").map(|it| it.au_prc), Some(0.4));
        assert_eq!(measured.figures(0, "spam"), None);
        assert_eq!(measured.shieldgemma(0).map(|it| it.f1), Some(0.812));
        assert_eq!(measured.shieldgemma(2), None);
        let lines = measured.lines("");
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].points, [[0.3, 0.8], [0.9, 0.4]]);
        assert_eq!(measured.lines("hate")[0].points, [[0.9, 0.1]]);
        assert_eq!(measured.at(0, "", 0.5).map(|point| point.recall), Some(0.3));
        assert_eq!(measured.at(1, "", 0.5), None);
    }

    #[test]
    fn false_alarms_follow_from_precision_and_recall() {
        // Of 100 texts 40 violate. At 0.5, 20 of them are found among 25: 5 of 60 are false alarms.
        let measured = parse(
            br#"{"xstest": {"au_prc": 0.7, "threshold": 0.2, "n": 100, "positives": 40},
                "curves": {"xstest": [{"threshold": 0.5, "precision": 0.8, "recall": 0.5}]}}"#,
        );
        let alarms = measured.unwrap().false_alarms_at(2, 0.5).unwrap();
        assert!((alarms - 5.0 / 60.0).abs() < 1e-6, "{alarms}");
    }

    #[test]
    fn the_shipped_files_are_read() {
        let models = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        for folder in std::fs::read_dir(models).unwrap() {
            let file = folder.unwrap().path().join("metrics.json");
            let Ok(json) = std::fs::read(&file) else { continue };
            if String::from_utf8_lossy(&json).contains("\"openai_moderation\"") {
                let measured = parse(&json).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
                assert!(measured.figures(0, "").is_some(), "{}", file.display());
            }
        }
    }

    #[test]
    fn a_file_without_curves_has_no_lines() {
        assert!(parse(b"{}").unwrap().lines("").is_empty());
        assert!(parse(b"{").is_err());
    }
}

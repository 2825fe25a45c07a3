//! How good a guard is on the public sets: its `metrics.json`, as far as it is shown.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::page::pgd::plot::{Axis, Line, Plot};

/// The sets that are shown, in this order: their keys in the file, and their names.
pub const SETS: [(&str, &str); 3] =
    [("openai_moderation", "OpenAI moderation"), ("hatecheck", "HateCheck"), ("xstest", "XSTest")];

/// The file.
#[derive(Debug, Default, Deserialize)]
pub struct Measured {
    #[serde(default)]
    openai_moderation: Option<Figures>,
    #[serde(default)]
    hatecheck: Option<Figures>,
    #[serde(default)]
    xstest: Option<Figures>,
    /// By set, and by set and policy as in `xstest/hate`.
    #[serde(default)]
    curves: BTreeMap<String, Vec<Point>>,
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
    /// The figures of one of [`SETS`], by its place.
    pub fn figures(&self, set: usize) -> Option<Figures> {
        [self.openai_moderation, self.hatecheck, self.xstest].get(set).copied().flatten()
    }

    fn curve(&self, set: usize) -> &[Point] {
        let name = SETS.get(set).map(|(key, _)| *key).unwrap_or_default();
        self.curves.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Precision and recall of a set at the threshold of its curve that is next to this one.
    pub fn at(&self, set: usize, threshold: f32) -> Option<Point> {
        let distance = |point: &Point| (point.threshold - threshold).abs();
        let points = self.curve(set).iter().copied();
        points.min_by(|one, other| distance(one).total_cmp(&distance(other)))
    }

    /// A line for each set that has a curve.
    pub fn lines(&self) -> Vec<Line> {
        let line = |series| {
            let mut points: Vec<_> =
                self.curve(series).iter().map(|point| [point.recall, point.precision]).collect();
            points.sort_by(|one, other| one[0].total_cmp(&other[0]));
            (!points.is_empty()).then_some(Line { series, points, ..Line::default() })
        };
        (0..SETS.len()).filter_map(line).collect()
    }
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
        "curves": {
            "openai_moderation": [{"threshold": 0.1, "precision": 0.4, "recall": 0.9},
                {"threshold": 0.6, "precision": 0.8, "recall": 0.3}],
            "openai_moderation/hate": [{"threshold": 0.1, "precision": 0.1, "recall": 0.9}]
        }
    }"#;

    #[test]
    fn the_figures_and_curves_of_the_sets_are_read() {
        let measured = parse(FILE).unwrap();
        assert_eq!(measured.figures(0).map(|it| it.n), Some(1680));
        assert_eq!(measured.figures(1), None);
        assert_eq!(measured.figures(2).and_then(|it| it.false_positive_rate), Some(0.4));
        let lines = measured.lines();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].points, [[0.3, 0.8], [0.9, 0.4]]);
        assert_eq!(measured.at(0, 0.5).map(|point| point.recall), Some(0.3));
        assert_eq!(measured.at(1, 0.5), None);
    }

    #[test]
    fn the_shipped_files_are_read() {
        let models = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        for folder in std::fs::read_dir(models).unwrap() {
            let file = folder.unwrap().path().join("metrics.json");
            let Ok(json) = std::fs::read(&file) else { continue };
            if String::from_utf8_lossy(&json).contains("\"openai_moderation\"") {
                let measured = parse(&json).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
                assert!(measured.figures(0).is_some(), "{}", file.display());
            }
        }
    }

    #[test]
    fn a_file_without_curves_has_no_lines() {
        assert!(parse(b"{}").unwrap().lines().is_empty());
        assert!(parse(b"{").is_err());
    }
}

//! What was measured of a model when it was made: its `metrics.json`.

use serde::Deserialize;

use super::plot::{Axis, Bar, Line, Plot, Stroke, range};
use crate::protocol::Norm;

/// The file, as far as it is shown.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Metrics {
    pub clean: Clean,
    #[serde(default)]
    pub robust: Vec<Robust>,
    /// Pictures that [`Self::clean`] was measured on.
    pub n: u32,
    /// Pictures that were attacked, if not all.
    #[serde(default)]
    pub n_attacked: Option<u32>,
    #[serde(default)]
    pub curves: Vec<Epoch>,
}

/// Accuracy on clean pictures, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Clean {
    /// Of the weights as shipped.
    pub int8: f32,
}

/// Robust accuracy at one epsilon, with its 95 % interval.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Robust {
    /// For example `pgd-20x3`.
    pub attack: String,
    /// `linf` or `l2`.
    pub norm: String,
    /// In pixel units.
    pub epsilon: f32,
    pub accuracy: f32,
    pub low: f32,
    pub high: f32,
}

impl Robust {
    /// Steps and restarts of the attack; none if its name does not say.
    pub fn effort(&self) -> Option<[u32; 2]> {
        let (steps, restarts) = self.attack.strip_prefix("pgd-")?.split_once('x')?;
        Some([steps.parse().ok()?, restarts.parse().ok()?])
    }
}

/// A training after one of its epochs.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Epoch {
    pub epoch: u32,
    /// Mean loss on clean training pictures.
    #[serde(default, alias = "loss")]
    pub clean_loss: Option<f32>,
    /// Mean loss on attacked training pictures.
    #[serde(default)]
    pub adversarial_loss: Option<f32>,
    /// On held-out pictures.
    pub accuracy: f32,
    /// On some held-out pictures, under a quick attack.
    #[serde(default)]
    pub pgd5_accuracy: Option<f32>,
}

/// Reads the file.
///
/// # Errors
/// The place and cause, in English.
pub fn parse(json: &str) -> Result<Metrics, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

impl Metrics {
    /// The measured robust accuracies under PGD in a norm, by ascending epsilon.
    pub fn robust_in(&self, norm: Norm) -> Vec<&Robust> {
        let name = match norm {
            Norm::Linf => "linf",
            Norm::L2 => "l2",
        };
        let pgd = |it: &&Robust| it.norm == name && it.attack.starts_with("pgd");
        let mut found: Vec<_> = self.robust.iter().filter(pgd).collect();
        found.sort_by(|one, other| one.epsilon.total_cmp(&other.epsilon));
        found
    }

    /// Wilson's 95 % interval of the accuracy on clean pictures.
    pub fn clean_interval(&self) -> [f32; 2] {
        let right = (self.clean.int8 * self.n as f32).round() as usize;
        super::tally::wilson(right, self.n as usize)
    }

    /// How many pictures the robust accuracies are of.
    pub fn attacked(&self) -> u32 {
        self.n_attacked.unwrap_or(self.n)
    }
}

/// The largest epsilon of the chart of robust accuracy, in pixel units.
pub fn largest_epsilon(norm: Norm) -> f32 {
    match norm {
        Norm::Linf => 8.0 / 255.0,
        Norm::L2 => 1.0,
    }
}

/// Epsilon as the chart's axis has it: levels of 1/255, or pixel units.
pub fn on_axis(norm: Norm, epsilon: f32) -> f32 {
    match norm {
        Norm::Linf => epsilon * 255.0,
        Norm::L2 => epsilon,
    }
}

/// Robust accuracy against epsilon: one line a model, with the intervals as bars.
pub fn robustness_plot(norm: Norm, models: &[Option<&Metrics>]) -> Plot {
    let x = Axis::round(0.0, on_axis(norm, largest_epsilon(norm)), 8);
    let mut plot =
        Plot { height: 230.0, x, y: Axis::shares(), lines: Vec::new(), bars: Vec::new() };
    for (series, metrics) in models.iter().enumerate() {
        let Some(metrics) = metrics else { continue };
        let [low, high] = metrics.clean_interval();
        let mut points = vec![[0.0, metrics.clean.int8]];
        plot.bars.push(Bar { series, x: 0.0, low, high });
        for it in metrics.robust_in(norm) {
            let x = on_axis(norm, it.epsilon);
            points.push([x, it.accuracy]);
            plot.bars.push(Bar { series, x, low: it.low, high: it.high });
        }
        plot.lines.push(Line { series, points, marked: true, ..Line::default() });
    }
    plot
}

/// Which curve of a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    Loss,
    Accuracy,
}

/// Loss or accuracy by epoch: solid for clean pictures, dashed for attacked ones.
pub fn training_plot(curve: Curve, models: &[Option<&Metrics>]) -> Plot {
    let mut lines = Vec::new();
    for (series, metrics) in models.iter().enumerate() {
        let Some(metrics) = metrics else { continue };
        let line = |stroke, value: fn(&Epoch) -> Option<f32>| {
            let point = |epoch: &Epoch| Some([epoch.epoch as f32, value(epoch)?]);
            let points: Vec<_> = metrics.curves.iter().filter_map(point).collect();
            (!points.is_empty()).then_some(Line {
                series,
                stroke,
                points,
                stairs: false,
                marked: true,
            })
        };
        let pair = match curve {
            Curve::Loss => [
                line(Stroke::Solid, |epoch| epoch.clean_loss),
                line(Stroke::Dashed, |epoch| epoch.adversarial_loss),
            ],
            Curve::Accuracy => [
                line(Stroke::Solid, |epoch| Some(epoch.accuracy)),
                line(Stroke::Dashed, |epoch| epoch.pgd5_accuracy),
            ],
        };
        lines.extend(pair.into_iter().flatten());
    }
    let points = || lines.iter().flat_map(|line| &line.points);
    let [low, high] = range(points().map(|point| point[0]));
    let x = Axis::counts(low, high.max(1.0), 8);
    let y = match curve {
        Curve::Loss => {
            let [low, high] = range(points().map(|point| point[1]));
            Axis::round(low, high, 5)
        }
        Curve::Accuracy => Axis::shares(),
    };
    Plot { height: 190.0, x, y, lines, bars: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{
        "clean": {"f32": 0.95, "int8": 0.94},
        "robust": [
            {"attack": "pgd-20x3", "norm": "l2", "epsilon": 0.5, "accuracy": 0.3, "low": 0.26,
             "high": 0.34, "weights": "int8"},
            {"attack": "pgd-20x3", "norm": "linf", "epsilon": 0.00784, "accuracy": 0.2, "low": 0.17,
             "high": 0.24, "weights": "int8"},
            {"attack": "pgd-20x3", "norm": "linf", "epsilon": 0.00196, "accuracy": 0.6, "low": 0.56,
             "high": 0.64, "weights": "int8"},
            {"attack": "fgsm", "norm": "linf", "epsilon": 0.00392, "accuracy": 0.4, "low": 0.36,
             "high": 0.44, "weights": "int8"}
        ],
        "data": "flowers/val", "n": 550, "n_attacked": 200, "seed": 0,
        "curves": [
            {"epoch": 0, "accuracy": 0.88, "pgd5_accuracy": 0.1, "seconds": 3.0},
            {"epoch": 1, "clean_loss": 0.5, "adversarial_loss": 0.9, "accuracy": 0.9, "seconds": 9.0}
        ]
    }"#;

    #[test]
    fn pgd_is_picked_by_norm_and_ordered() {
        let metrics = parse(FILE).unwrap();
        let epsilons: Vec<_> = metrics.robust_in(Norm::Linf).iter().map(|it| it.epsilon).collect();
        assert_eq!(epsilons, [0.00196, 0.00784]);
        assert_eq!(metrics.robust_in(Norm::L2).len(), 1);
        assert_eq!(metrics.attacked(), 200);
    }

    #[test]
    fn a_curve_begins_at_the_clean_accuracy_and_has_its_intervals() {
        let metrics = parse(FILE).unwrap();
        let plot = robustness_plot(Norm::Linf, &[None, Some(&metrics)]);
        assert_eq!(plot.lines.len(), 1);
        assert_eq!((plot.lines[0].series, plot.lines[0].points[0]), (1, [0.0, 0.94]));
        // The clean pictures have their interval too.
        assert_eq!((plot.bars.len(), plot.bars[0].x), (3, 0.0));
        assert!((plot.bars[2].x - 2.0).abs() < 0.01);
        assert_eq!(plot.x.high, 8.0);
    }

    #[test]
    fn a_training_has_a_line_for_each_kind_of_picture() {
        let metrics = parse(FILE).unwrap();
        let loss = training_plot(Curve::Loss, &[Some(&metrics)]);
        let strokes: Vec<_> = loss.lines.iter().map(|line| line.stroke).collect();
        assert_eq!(strokes, [Stroke::Solid, Stroke::Dashed]);
        assert_eq!(loss.lines[0].points, [[1.0, 0.5]]);
        let accuracy = training_plot(Curve::Accuracy, &[Some(&metrics), None]);
        assert_eq!(accuracy.lines[0].points, [[0.0, 0.88], [1.0, 0.9]]);
        assert_eq!(accuracy.lines[1].points, [[0.0, 0.1]]);
    }

    #[test]
    fn the_shipped_files_are_read() {
        let models = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        let mut read = 0;
        for folder in std::fs::read_dir(models).unwrap() {
            let file = folder.unwrap().path().join("metrics.json");
            // A guard's is of another kind.
            let is_of_pictures = |json: &String| !json.contains("\"openai_moderation\"");
            if let Some(json) = std::fs::read_to_string(&file).ok().filter(is_of_pictures) {
                parse(&json).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                read += 1;
            }
        }
        assert!(read > 0);
    }

    #[test]
    fn a_broken_file_is_an_error() {
        assert!(parse("{").is_err());
        assert!(parse(r#"{"clean": {}}"#).is_err());
    }
}

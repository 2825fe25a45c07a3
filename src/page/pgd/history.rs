//! What a model said at each step of an attack.

use crate::protocol::RunStep;

/// One step, without its picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// From 0.
    pub restart: u32,
    /// From 1 within the restart; 0 is the original picture.
    pub step: u32,
    pub loss: f32,
    /// The best label and the confidence in it.
    pub label: usize,
    pub confidence: f32,
    /// Whether the attacker has what was wanted.
    pub reached: bool,
}

/// The steps of a run so far, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    points: Vec<Point>,
}

impl Point {
    /// The best label is that of no step without scores.
    pub fn of(step: &RunStep) -> Option<Self> {
        let best = step.top.first()?;
        Some(Self {
            restart: step.restart,
            step: step.step,
            loss: step.loss,
            label: best.label,
            confidence: best.confidence,
            reached: step.reached,
        })
    }

    fn place(&self) -> (u32, u32) {
        (self.restart, self.step)
    }
}

impl History {
    /// A run that begins at the original picture.
    pub fn from(original: Point) -> Self {
        Self { points: vec![original] }
    }

    /// Adds a step. One that the engine did over again takes the place of what it had done.
    pub fn push(&mut self, point: Point) {
        self.points.retain(|old| old.place() < point.place());
        self.points.push(point);
    }

    /// Every step, the original first.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The latest step.
    pub fn last(&self) -> Option<&Point> {
        self.points.last()
    }

    /// The losses of each restart as (step, loss), at most about `most` of each, evenly, with the
    /// first and the last; the first restart begins at the original.
    pub fn losses(&self, most: usize) -> Vec<Vec<[f32; 2]>> {
        let mut curves: Vec<Vec<[f32; 2]>> = Vec::new();
        let original = self.points.first().map(|point| [0.0, point.loss]);
        let mut restart = None;
        for point in self.points.iter().filter(|point| point.step > 0) {
            if restart != Some(point.restart) {
                restart = Some(point.restart);
                // A random start is not the original: only the first restart hangs on to it.
                curves.push(original.filter(|_| point.restart == 0).into_iter().collect());
            }
            if let Some(curve) = curves.last_mut() {
                curve.push([point.step as f32, point.loss]);
            }
        }
        if curves.is_empty() {
            curves.extend(original.map(|original| vec![original]));
        }
        curves.into_iter().map(|curve| thinned(&curve, most)).collect()
    }

    /// The steps at which the best label became another one, the original first.
    pub fn label_changes(&self) -> Vec<Point> {
        let mut changes: Vec<Point> = Vec::new();
        for point in &self.points {
            if changes.last().is_none_or(|last| last.label != point.label) {
                changes.push(*point);
            }
        }
        changes
    }

    /// At most about `most` steps for a table, evenly, with the first and the last.
    pub fn rows(&self, most: usize) -> Vec<Point> {
        thinned(&self.points, most)
    }
}

/// At most about `most` of the items, evenly, with the first and the last.
fn thinned<T: Copy>(items: &[T], most: usize) -> Vec<T> {
    let stride = items.len().div_ceil(most.max(1)).max(1);
    let last = items.len().saturating_sub(1);
    let kept = |(place, _): &(usize, &T)| place.is_multiple_of(stride) || *place == last;
    items.iter().enumerate().filter(kept).map(|(_, item)| *item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(restart: u32, step: u32, label: usize) -> Point {
        let loss = step as f32 / 10.0;
        Point { restart, step, loss, label, confidence: 0.5, reached: false }
    }

    fn history(points: &[(u32, u32, usize)]) -> History {
        let mut history = History::from(point(0, 0, 1));
        for &(restart, step, label) in points {
            history.push(point(restart, step, label));
        }
        history
    }

    #[test]
    fn a_step_done_over_again_counts_once() {
        let history = history(&[(0, 1, 1), (0, 2, 1), (0, 3, 1), (0, 2, 4)]);
        let places: Vec<_> = history.points().iter().map(Point::place).collect();
        assert_eq!(places, [(0, 0), (0, 1), (0, 2)]);
        assert_eq!(history.last().unwrap().label, 4);
    }

    #[test]
    fn each_restart_has_its_curve() {
        let curves = history(&[(0, 1, 1), (0, 2, 1), (1, 1, 1)]).losses(300);
        assert_eq!(curves, [vec![[0.0, 0.0], [1.0, 0.1], [2.0, 0.2]], vec![[1.0, 0.1]]]);
        assert_eq!(history(&[]).losses(300), [vec![[0.0, 0.0]]]);
        assert!(History::default().losses(300).is_empty());
    }

    #[test]
    fn only_changes_of_label_are_told() {
        let changes = history(&[(0, 1, 1), (0, 2, 3), (0, 3, 3), (0, 4, 4)]).label_changes();
        let told: Vec<_> = changes.iter().map(|point| (point.step, point.label)).collect();
        assert_eq!(told, [(0, 1), (2, 3), (4, 4)]);
    }

    #[test]
    fn a_long_table_is_thinned_and_keeps_its_ends() {
        let steps: Vec<_> = (1..=350).map(|step| (0, step, 1)).collect();
        let rows = history(&steps).rows(40);
        assert!(rows.len() <= 41, "{}", rows.len());
        assert_eq!((rows[0].step, rows[rows.len() - 1].step), (0, 350));
        assert_eq!(history(&[(0, 1, 1)]).rows(40).len(), 2);
    }
}

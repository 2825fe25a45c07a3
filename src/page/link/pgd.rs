//! The settings of the iterative attacks in the link of their lesson.

use super::{GoalLink, decode, encode};
use crate::protocol::{Loss, Method, Norm};

/// The id of the lesson whose links hold these settings.
pub const PGD_LESSON: &str = "pgd";

/// The most models that take part at once.
pub const MOST_MODELS: usize = 3;

/// The most steps of one restart.
pub const MOST_STEPS: u32 = 1000;

/// The most restarts.
pub const MOST_RESTARTS: u32 = 10;

/// The largest L2 radius, in pixel units.
pub const MOST_L2: f32 = 3.0;

/// The models of the lesson.
const MODELS: [&str; MOST_MODELS] = [
    "efficientnet_lite0_flowers_standard",
    "efficientnet_lite0_flowers_advprop",
    "efficientnet_lite0_flowers_adversarial",
];

/// An iterative attack as the learner set it up.
#[derive(Clone, Debug, PartialEq)]
pub struct PgdLink {
    /// One to [`MOST_MODELS`] ids of the manifest, all different.
    pub models: Vec<String>,
    /// Labels are those of the first model.
    pub goal: GoalLink,
    pub method: Method,
    pub norm: Norm,
    /// Radius in pixel units: Linf 0 to 1, L2 0 to 10.
    pub epsilon: f32,
    pub step: StepSize,
    /// Of each restart, 1 to [`MOST_STEPS`].
    pub steps: u32,
    pub random_start: bool,
    pub seed: u32,
    /// 1 to [`MOST_RESTARTS`].
    pub restarts: u32,
    pub loss: Loss,
    pub early_stop: bool,
}

/// How far a step goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepSize {
    /// A multiple of epsilon, which follows epsilon.
    OfEpsilon(f32),
    /// In pixel units; for Adam its learning rate.
    Fixed(f32),
}

impl Default for PgdLink {
    fn default() -> Self {
        Self {
            models: MODELS.map(str::to_owned).to_vec(),
            goal: GoalLink::Towards(4),
            method: Method::default(),
            norm: Norm::default(),
            epsilon: 2.0 / 255.0,
            step: StepSize::OfEpsilon(0.25),
            steps: 20,
            random_start: true,
            seed: 0,
            restarts: 1,
            loss: Loss::default(),
            early_stop: false,
        }
    }
}

impl StepSize {
    fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| {
            text.parse().ok().filter(|value: &f32| value.is_finite() && (0.0..=1e3).contains(value))
        };
        match text.strip_prefix('x') {
            Some(multiple) => number(multiple).map(Self::OfEpsilon),
            None => number(text).map(Self::Fixed),
        }
    }

    fn print(self) -> String {
        match self {
            Self::OfEpsilon(multiple) => format!("x{multiple}"),
            Self::Fixed(size) => size.to_string(),
        }
    }
}

impl PgdLink {
    /// Takes one `key=value` of a link; nonsense leaves what stands. Whether the key is one of
    /// these settings.
    pub(super) fn set(&mut self, key: &str, value: &str) -> bool {
        match key {
            "models" => {
                let models = distinct(value.split(',').map(decode));
                if !models.is_empty() {
                    self.models = models;
                }
            }
            "goal" => self.goal = GoalLink::parse(value).unwrap_or(self.goal),
            "method" => self.method = named(&METHODS, value).unwrap_or(self.method),
            "norm" => self.norm = named(&NORMS, value).unwrap_or(self.norm),
            "loss" => self.loss = named(&LOSSES, value).unwrap_or(self.loss),
            "epsilon" => {
                let epsilon = value.parse().ok().filter(|value| (0.0..=MOST_L2).contains(value));
                self.epsilon = epsilon.unwrap_or(self.epsilon);
            }
            "step" => self.step = StepSize::parse(value).unwrap_or(self.step),
            "steps" => self.steps = within(value, MOST_STEPS).unwrap_or(self.steps),
            "restarts" => self.restarts = within(value, MOST_RESTARTS).unwrap_or(self.restarts),
            "seed" => self.seed = value.parse().unwrap_or(self.seed),
            "start" => self.random_start = value == "random",
            "stop" => self.early_stop = value == "early",
            _ => return false,
        }
        true
    }

    /// Puts epsilon where its norm allows it.
    pub(super) fn settle(&mut self) {
        if self.norm == Norm::Linf {
            self.epsilon = self.epsilon.min(1.0);
        }
    }

    /// What differs from the default, as keys and values of a link.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let default = Self::default();
        let start = if self.random_start { "random" } else { "picture" };
        let stop = if self.early_stop { "early" } else { "late" };
        let models: Vec<_> = self.models.iter().map(|id| encode(id)).collect();
        let all = [
            (self.models != default.models, "models", models.join(",")),
            (self.goal != default.goal, "goal", self.goal.print()),
            (self.method != default.method, "method", name_of(&METHODS, self.method)),
            (self.norm != default.norm, "norm", name_of(&NORMS, self.norm)),
            (self.epsilon != default.epsilon, "epsilon", self.epsilon.to_string()),
            (self.step != default.step, "step", self.step.print()),
            (self.steps != default.steps, "steps", self.steps.to_string()),
            (self.random_start != default.random_start, "start", start.to_owned()),
            (self.seed != default.seed, "seed", self.seed.to_string()),
            (self.restarts != default.restarts, "restarts", self.restarts.to_string()),
            (self.loss != default.loss, "loss", name_of(&LOSSES, self.loss)),
            (self.early_stop != default.early_stop, "stop", stop.to_owned()),
        ];
        all.into_iter().filter(|(said, ..)| *said).map(|(_, key, value)| (key, value)).collect()
    }
}

const METHODS: [(&str, Method); 4] = [
    ("bim", Method::Bim),
    ("pgd", Method::Pgd),
    ("mi-fgsm", Method::MiFgsm),
    ("adam", Method::AdamOnDelta),
];
const NORMS: [(&str, Norm); 2] = [("linf", Norm::Linf), ("l2", Norm::L2)];
const LOSSES: [(&str, Loss); 3] =
    [("cross-entropy", Loss::CrossEntropy), ("margin", Loss::Margin), ("dlr", Loss::Dlr)];

fn named<T: Copy>(names: &[(&str, T)], value: &str) -> Option<T> {
    names.iter().find(|(name, _)| *name == value).map(|(_, known)| *known)
}

fn name_of<T: PartialEq>(names: &[(&str, T)], value: T) -> String {
    names.iter().find(|(_, known)| *known == value).map_or("", |(name, _)| name).to_owned()
}

fn within(value: &str, most: u32) -> Option<u32> {
    value.parse().ok().filter(|count| (1..=most).contains(count))
}

/// The first [`MOST_MODELS`] different ids that are not empty.
fn distinct(ids: impl Iterator<Item = String>) -> Vec<String> {
    let mut models: Vec<String> = Vec::new();
    for id in ids {
        if !id.is_empty() && !models.contains(&id) && models.len() < MOST_MODELS {
            models.push(id);
        }
    }
    models
}

#[cfg(test)]
mod tests {
    use super::super::Link;
    use super::*;
    use crate::page::lang::Lang;
    use proptest::prelude::*;

    fn parse(hash: &str) -> PgdLink {
        Link::parse(hash, Lang::En).pgd
    }

    #[test]
    fn the_lessons_own_link_sets_up_its_attack() {
        let link = parse("#/en/pgd/attack?picture=dandelion&epsilon=0.007843&goal=to-4");
        assert_eq!(link.goal, GoalLink::Towards(4));
        assert!((link.epsilon - 2.0 / 255.0).abs() < 1e-6);
        assert_eq!(link.step, StepSize::OfEpsilon(0.25));
    }

    #[test]
    fn nonsense_leaves_the_defaults() {
        let hash = "#/en/pgd/attack?models=,&goal=up&method=x&norm=l7&epsilon=NaN&step=x-1\
                    &steps=0&restarts=11&seed=-1&loss=&steps=1e3";
        assert_eq!(parse(hash), PgdLink::default());
        assert_eq!(parse("#/en/pgd?epsilon=3").epsilon, 1.0);
        assert_eq!(parse("#/en/pgd?epsilon=3&norm=l2").epsilon, 3.0);
    }

    #[test]
    fn a_model_takes_part_once_and_three_at_most() {
        assert_eq!(parse("#/en/pgd?models=a,a,b%2Cc,,d,e").models, ["a", "b,c", "d"]);
    }

    #[test]
    fn another_lessons_link_says_nothing_of_it() {
        let link = Link::parse("#/en/fgsm/try?epsilon=0.125&goal=away&steps=3", Lang::En);
        assert_eq!(link.pgd, PgdLink::default());
        assert_eq!(link.bench.epsilon, 0.125);
    }

    proptest! {
        #[test]
        fn every_setting_comes_back(
            models in prop::sample::subsequence(vec!["a", "b c", "ö"], 1..=3),
            label in 0usize..1000,
            method in prop::sample::select(METHODS.map(|(_, method)| method).to_vec()),
            norm in prop::sample::select(NORMS.map(|(_, norm)| norm).to_vec()),
            loss in prop::sample::select(LOSSES.map(|(_, loss)| loss).to_vec()),
            epsilon in 0.0f32..=1.0,
            fixed: bool,
            size in 0.0f32..=3.0,
            steps in 1u32..=MOST_STEPS,
            restarts in 1u32..=MOST_RESTARTS,
            seed: u32,
            flags: (bool, bool),
        ) {
            let step = if fixed { StepSize::Fixed(size) } else { StepSize::OfEpsilon(size) };
            let pgd = PgdLink {
                models: models.into_iter().map(str::to_owned).collect(),
                goal: GoalLink::AwayFrom(label),
                method, norm, loss, epsilon, step, steps, restarts, seed,
                random_start: flags.0,
                early_stop: flags.1,
            };
            let link = Link { lesson: PGD_LESSON.to_owned(), pgd, ..Link::default() };
            prop_assert_eq!(Link::parse(&link.to_hash(), Lang::En), link);
        }
    }
}

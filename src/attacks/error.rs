/// Why an attack cannot be run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// A radius in pixel units that is no number, negative, or larger than pixels can differ.
    #[error("epsilon {epsilon} is not between 0 and {largest}")]
    Epsilon { epsilon: f32, largest: f32 },
    /// The attack is not defined for the norm.
    #[error("{attack} is not defined for the {norm} norm")]
    Norm { attack: &'static str, norm: super::Norm },
    /// Not one label for each picture: how many there are of each.
    #[error("{labels} labels for {pictures} pictures")]
    LabelCount { labels: usize, pictures: usize },
    /// A label that the model, which has so many classes, does not have.
    #[error("label {label} is not among the model's {classes}")]
    Label { label: usize, classes: usize },
    /// Two batches [n, 3, h, w] that should be of one shape are not.
    #[error("pictures of shape {found:?} where {expected:?} is needed")]
    Shape { expected: [usize; 4], found: [usize; 4] },
    /// The output of the model of that name does not depend on the pixels.
    #[error("the logits of `{model}` do not depend on the pixels")]
    NoGradient { model: String },
    /// The device would not hand back what it computed.
    #[error("reading from the device failed: {0}")]
    Device(String),
}

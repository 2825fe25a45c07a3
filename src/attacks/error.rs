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
    /// An attack without steps.
    #[error("an attack needs at least one step")]
    Steps,
    /// A step that does not go anywhere, or too far to be a number.
    #[error("a step size of {step_size} is not positive and finite")]
    StepSize { step_size: f32 },
    /// No run at all, or several that would all be the same.
    #[error("{restarts} restarts: at least one is needed, and more than one need a random start")]
    Restarts { restarts: usize },
    /// A momentum that is no number or turns gradients around.
    #[error("a decay of {decay} is negative or not finite")]
    Decay { decay: f32 },
    /// The loss looks at more classes than the model has.
    #[error("the loss {loss:?} needs {needed} classes, and the model has {found}")]
    Classes { loss: super::Loss, needed: usize, found: usize },
    /// A loss or a gradient was NaN or infinite.
    #[error("the loss or the gradient of pictures {pictures:?} is not a finite number")]
    NotFinite { pictures: Vec<usize> },
    /// A step was asked of an attack that has ended.
    #[error("the attack has ended")]
    Done,
    /// A search without an interval, or without an end.
    #[error("no search from {low} to {high} with a tolerance of {tolerance}")]
    Search { low: f32, high: f32, tolerance: f32 },
    /// The device would not hand back what it computed.
    #[error("reading from the device failed: {0}")]
    Device(String),
}

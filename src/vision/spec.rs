use crate::weights::{Names, Padding};

/// What a file of weights does not say about its network.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSpec {
    /// What to call it in messages.
    pub name: String,
    pub names: Names,
    pub padding: Padding,
    /// Subtracted from each channel of a picture in [0, 1].
    pub mean: [f32; 3],
    /// Each channel is then divided by this; not zero.
    pub std: [f32; 3],
    pub num_classes: usize,
    /// Side of the square that the network was trained for, in pixels.
    pub input_size: usize,
}

use serde::{Deserialize, Serialize};

/// The longest side of a picture as the engine hands it back, in pixels.
pub const MAX_PICTURE_SIDE: u32 = 1280;

/// Eight-bit RGB, rows from the top, three bytes a pixel: `rgb.len() == 3 * width * height`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    #[serde(with = "serde_bytes")]
    pub rgb: Vec<u8>,
}

/// A square part of a picture, in fractions of it.
///
/// `x` and `y` place the square between its two extremes (0 is left or top, 1 is right or bottom),
/// `zoom` divides the shorter side: 1 takes all of it, 2 half of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crop {
    pub x: f32,
    pub y: f32,
    pub zoom: f32,
}

impl Default for Crop {
    /// The largest square in the middle.
    fn default() -> Self {
        Self { x: 0.5, y: 0.5, zoom: 1.0 }
    }
}

/// Why a picture or a model's output cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes of the file `name` do not begin as a PNG, JPEG, WebP or GIF.
    #[error("`{name}` is not a picture of a format that is read here (PNG, JPEG, WebP, GIF)")]
    NotAPicture { name: String },
    /// The file begins as a picture and then ends or is damaged; `detail` is the decoder's word.
    #[error("`{name}` is damaged: {detail}")]
    BrokenPicture { name: String, detail: String },
    /// More pixels or bytes than are decoded here; `detail` says how many, or of what.
    #[error("`{name}` is too large: {detail}")]
    PictureTooLarge { name: String, detail: String },
    /// The number of bytes `found` does not belong to pictures of that size in pixels.
    #[error("{found} bytes are no RGB pictures of {width} x {height} pixels")]
    PictureBytes { width: usize, height: usize, found: usize },
    /// An output has no pixels; its size is in pixels.
    #[error("a picture of {width} x {height} pixels is empty")]
    EmptyPicture { width: u32, height: u32 },
    /// The picture could not be written.
    #[error("the picture cannot be encoded: {0}")]
    Encoding(String),
    /// The device would not hand back what it computed.
    #[error("reading from the device failed: {0}")]
    Device(String),
}

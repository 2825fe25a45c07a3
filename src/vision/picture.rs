//! Picture files to upright 8-bit RGB, and squares cut out of it.

use std::io::Cursor;

use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};

use super::Error;

/// The longest side of a decoded picture, in pixels; larger ones are scaled down.
pub const MAX_SIDE: u32 = 1280;
/// More pixels than this are refused.
pub const MAX_PIXELS: u64 = 50_000_000;
/// More bytes than this are not allocated while decoding.
const MAX_ALLOCATION: u64 = 256 << 20;

/// Eight-bit RGB, rows from the top, three bytes a pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RgbPicture {
    pub width: u32,
    pub height: u32,
    /// `3 * width * height` bytes.
    pub rgb: Vec<u8>,
}

/// Reads a PNG, JPEG, WebP or GIF (its first frame): upright as its EXIF says, transparency
/// flattened on white, reduced to eight bits, the longer side scaled down to [`MAX_SIDE`].
///
/// `name` is for messages.
///
/// # Errors
/// [`Error::NotAPicture`], [`Error::BrokenPicture`], [`Error::PictureTooLarge`].
pub fn decode(name: &str, bytes: &[u8]) -> Result<RgbPicture, Error> {
    let not_a_picture = || Error::NotAPicture { name: name.to_owned() };
    let too_large = |detail: String| Error::PictureTooLarge { name: name.to_owned(), detail };
    let broken = |detail: String| Error::BrokenPicture { name: name.to_owned(), detail };
    let refused = |error: ImageError| match error {
        ImageError::Unsupported(_) => not_a_picture(),
        ImageError::Limits(error) => too_large(error.to_string()),
        other => broken(other.to_string()),
    };
    let format = image::guess_format(bytes).map_err(|_| not_a_picture())?;
    if !matches!(
        format,
        ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP | ImageFormat::Gif
    ) {
        return Err(not_a_picture());
    }
    if format == ImageFormat::Jpeg && !is_whole_jpeg(bytes) {
        return Err(broken("it ends before its end mark".to_owned()));
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_ALLOCATION);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_ALLOCATION {
        return Err(too_large(format!("{width} x {height} pixels")));
    }
    // A picture with damaged EXIF is shown as it is stored.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let decoded = DynamicImage::from_decoder(decoder).map_err(refused)?;
    let mut picture = DynamicImage::ImageRgb8(scale_down(flatten(decoded)));
    picture.apply_orientation(orientation);
    Ok(picture.into_rgb8().into())
}

/// Whether a JPEG's own end mark is there (ITU-T T.81, annex B): the decoder paints grey what is
/// missing. Segments are skipped by their length, so that neither the end of an embedded thumbnail
/// counts, nor what follows the picture.
fn is_whole_jpeg(jpeg: &[u8]) -> bool {
    let mut rest = jpeg.get(2..).unwrap_or_default();
    loop {
        // In a scan FF stands before 00 or a restart mark; any other pair is the next segment's.
        let is_mark =
            |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff);
        let Some(at) = rest.windows(2).position(is_mark) else { return false };
        let mark = rest[at + 1];
        rest = &rest[at + 2..];
        if mark == 0xd9 {
            return true;
        }
        let Some(length) = rest.first_chunk::<2>() else { return false };
        let Some(after) = rest.get(usize::from(u16::from_be_bytes(*length))..) else {
            return false;
        };
        rest = after;
    }
}

/// Transparent pixels show the white behind them.
fn flatten(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let rgba = picture.into_rgba8();
    let (width, height) = rgba.dimensions();
    let mut flat = RgbImage::new(width, height);
    for (flat, pixel) in flat.pixels_mut().zip(rgba.pixels()) {
        let alpha = u16::from(pixel[3]);
        for channel in 0..3 {
            let over = u16::from(pixel[channel]) * alpha + 255 * (255 - alpha);
            flat[channel] = ((over + 127) / 255) as u8;
        }
    }
    flat
}

fn scale_down(picture: RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let longer = width.max(height);
    if longer <= MAX_SIDE {
        return picture;
    }
    let scaled = |side: u32| {
        let side = (f64::from(side) * f64::from(MAX_SIDE) / f64::from(longer)).round();
        (side as u32).max(1)
    };
    imageops::resize(&picture, scaled(width), scaled(height), FilterType::Triangle)
}

impl From<RgbImage> for RgbPicture {
    fn from(image: RgbImage) -> Self {
        let (width, height) = image.dimensions();
        Self { width, height, rgb: image.into_raw() }
    }
}

impl RgbPicture {
    /// A picture from its bytes.
    ///
    /// # Errors
    /// [`Error::PictureBytes`] unless there are `3 * width * height` bytes, and some.
    pub fn new(width: u32, height: u32, rgb: Vec<u8>) -> Result<Self, Error> {
        if rgb.is_empty() || rgb.len() as u64 != 3 * u64::from(width) * u64::from(height) {
            let (width, height) = (width as usize, height as usize);
            return Err(Error::PictureBytes { width, height, found: rgb.len() });
        }
        Ok(Self { width, height, rgb })
    }

    fn image(&self) -> Result<RgbImage, Error> {
        RgbImage::from_raw(self.width, self.height, self.rgb.clone())
            .filter(|image| image.width() > 0 && image.height() > 0)
            .ok_or(Error::PictureBytes {
                width: self.width as usize,
                height: self.height as usize,
                found: self.rgb.len(),
            })
    }

    /// Cuts a square and resamples it to `size` by `size` pixels.
    ///
    /// `x` and `y` place the square between its two extremes (0 is left or top, 1 is right or
    /// bottom), `zoom` divides the shorter side: 1 takes all of it, 2 half of it. Values outside
    /// 0 to 1, or below 1, count as the nearest allowed one.
    ///
    /// # Errors
    /// [`Error::PictureBytes`] if the picture's bytes do not agree with its size,
    /// [`Error::EmptyPicture`] if `size` is 0.
    pub fn crop(&self, x: f32, y: f32, zoom: f32, size: u32) -> Result<Self, Error> {
        if size == 0 {
            return Err(Error::EmptyPicture { width: size, height: size });
        }
        let image = self.image()?;
        // `max` turns NaN into the bound, and so does the cast of what `clamp` leaves of it.
        let side = (self.width.min(self.height) as f32 / zoom.max(1.0)).round().max(1.0) as u32;
        let place = |fraction: f32, length: u32| {
            (fraction.clamp(0.0, 1.0) * (length - side) as f32).round() as u32
        };
        let (left, top) = (place(x, self.width), place(y, self.height));
        let square = imageops::crop_imm(&image, left, top, side, side);
        if side == size {
            return Ok(square.to_image().into());
        }
        Ok(imageops::resize(&*square, size, size, FilterType::CatmullRom).into())
    }

    /// The picture as an 8-bit PNG, which keeps every value.
    ///
    /// # Errors
    /// [`Error::PictureBytes`] if the bytes do not agree with the size, [`Error::Encoding`].
    pub fn encode_png(&self) -> Result<Vec<u8>, Error> {
        let mut png = Cursor::new(Vec::new());
        self.image()?
            .write_to(&mut png, ImageFormat::Png)
            .map_err(|error| Error::Encoding(error.to_string()))?;
        Ok(png.into_inner())
    }
}

//! Picture files in and out.

use super::checks;
use crate::{
    protocol::{Crop, Picture, Problem, Response},
    vision::picture::{self, RgbPicture},
};

/// Reads a picture file.
///
/// # Errors
/// Not a picture, a broken one, or one that is too large; each names the file.
pub fn decode(name: &str, bytes: &[u8]) -> Result<Picture, Problem> {
    Ok(to_protocol(picture::decode(name, bytes)?))
}

/// Cuts a square out and resamples it to `size` by `size` pixels.
///
/// # Errors
/// Numbers that make no sense ([`checks::crop_size`], [`checks::whole`]).
pub fn crop(picture: Picture, crop: Crop, size: u32) -> Result<Picture, Problem> {
    checks::crop_size(size)?;
    let square = from_protocol(picture)?.crop(crop.x, crop.y, crop.zoom, size)?;
    Ok(to_protocol(square))
}

/// Writes an 8-bit PNG.
///
/// # Errors
/// A picture whose bytes are not as many as its size says.
pub fn encode_png(picture: Picture) -> Result<Response, Problem> {
    let bytes = from_protocol(picture)?.encode_png()?;
    Ok(Response::File { name: "picture.png".to_owned(), mime: "image/png".to_owned(), bytes })
}

fn from_protocol(picture: Picture) -> Result<RgbPicture, Problem> {
    checks::whole(&picture)?;
    Ok(RgbPicture::new(picture.width, picture.height, picture.rgb)?)
}

fn to_protocol(picture: RgbPicture) -> Picture {
    Picture { width: picture.width, height: picture.height, rgb: picture.rgb }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{MAX_PICTURE_SIDE, ProblemKind};

    #[test]
    fn a_png_brings_every_pixel_back() {
        let picture = Picture { width: 3, height: 2, rgb: (0..18).map(|v| v * 14).collect() };
        let Ok(Response::File { mime, bytes, .. }) = encode_png(picture.clone()) else {
            panic!("no file");
        };
        assert_eq!(mime, "image/png");
        assert_eq!(decode("picture.png", &bytes).unwrap(), picture);
    }

    #[test]
    fn the_page_is_told_how_long_a_side_can_be() {
        assert_eq!(MAX_PICTURE_SIDE, picture::MAX_SIDE);
    }

    #[test]
    fn a_crop_is_a_square_of_the_size_asked_for() {
        let picture = Picture { width: 50, height: 30, rgb: vec![7; 50 * 30 * 3] };
        let square = crop(picture, Crop::default(), 32).unwrap();
        assert_eq!((square.width, square.height), (32, 32));
        assert!(square.rgb.iter().all(|&value| value == 7));
    }

    #[test]
    fn what_is_no_picture_is_named() {
        let problem = decode("notes.txt", b"no picture at all").unwrap_err();
        assert_eq!(problem.kind, ProblemKind::NotAPicture);
        assert_eq!(problem.subject, "notes.txt");
        let empty = Picture { width: 0, height: 0, rgb: Vec::new() };
        assert_eq!(encode_png(empty).unwrap_err().kind, ProblemKind::PictureShape);
    }
}

//! Picture files in and out.

use super::checks;
use crate::{
    protocol::{Crop, Picture, Problem, Response, Trip},
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

/// Sends a picture on a trip: out and back again, each way rounded to 8 bits.
///
/// # Errors
/// A quality outside 1 to 100, a side that no picture has ([`checks::crop_size`]), a picture whose
/// bytes are not as many as its size says.
pub fn round_trip(picture: Picture, trip: Trip) -> Result<Picture, Problem> {
    let picture = from_protocol(picture)?;
    let back = match trip {
        Trip::Png => picture::decode("picture.png", &picture.encode_png()?)?,
        Trip::Jpeg { quality } => {
            checks::jpeg_quality(quality)?;
            picture::decode("picture.jpg", &picture.encode_jpeg(quality)?)?
        }
        Trip::Resize { side } => {
            checks::crop_size(side)?;
            picture.resize(side, side)?.resize(picture.width, picture.height)?
        }
    };
    Ok(to_protocol(back))
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

    /// A picture of one bright dot on a slope.
    fn slope(side: u8) -> Picture {
        let shade = |x, y| 4 * (x + y) / 2;
        let mut rgb: Vec<u8> = (0..side)
            .flat_map(|y| (0..side).flat_map(move |x| [shade(x, y), 90, shade(y, 0)]))
            .collect();
        rgb[0] = 255;
        Picture { width: side.into(), height: side.into(), rgb }
    }

    /// The largest difference of two pictures of one size.
    fn difference(a: &Picture, b: &Picture) -> u8 {
        assert_eq!((a.width, a.height), (b.width, b.height));
        a.rgb.iter().zip(&b.rgb).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
    }

    #[test]
    fn trips_lose_what_they_lose() {
        let picture = slope(32);
        let sent = |trip| round_trip(picture.clone(), trip).unwrap();
        assert_eq!(sent(Trip::Png), picture);
        let [fine, coarse] =
            [95, 5].map(|quality| difference(&sent(Trip::Jpeg { quality }), &picture));
        assert!(0 < fine && fine < coarse, "{fine} {coarse}");
        assert_eq!(sent(Trip::Resize { side: 32 }), picture);
        // The dot goes; the slope stays.
        let small = sent(Trip::Resize { side: 16 });
        assert!(difference(&small, &picture) > 60);
        assert!(small.rgb[3 * 500].abs_diff(picture.rgb[3 * 500]) < 3);
        let wide = Picture { width: 64, height: 16, rgb: picture.rgb.clone() };
        let back = round_trip(wide, Trip::Resize { side: 8 }).unwrap();
        assert_eq!((back.width, back.height), (64, 16));
    }

    #[test]
    fn trips_to_nowhere_are_refused() {
        for trip in [
            Trip::Jpeg { quality: 0 },
            Trip::Jpeg { quality: 101 },
            Trip::Resize { side: 0 },
            Trip::Resize { side: MAX_PICTURE_SIDE + 1 },
        ] {
            let refused = round_trip(slope(32), trip).unwrap_err();
            assert_eq!(refused.kind, ProblemKind::BadRequest, "{trip:?}");
        }
        let short = Picture { rgb: vec![0; 5], ..slope(32) };
        let refused = round_trip(short, Trip::Png).unwrap_err();
        assert_eq!(refused.kind, ProblemKind::BadRequest);
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

//! Picture files as people have them: odd, damaged, huge, sideways.

mod support;

use std::io::Cursor;

use burn::tensor::Device;
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{
    DynamicImage, Frame, GenericImageView, ImageBuffer, ImageFormat, Luma, Rgb, RgbImage, Rgba,
    RgbaImage,
};
use resilient_ai::vision::picture::{MAX_SIDE, decode};
use resilient_ai::vision::{Error, PixelTensor, RgbPicture};
use support::block_on;

fn file(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Red to the right, green downwards.
fn gradient(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb([(255 * x / width.max(2)) as u8, (255 * y / height.max(2)) as u8, 64])
    })
}

fn pixel(picture: &RgbPicture, x: u32, y: u32) -> [u8; 3] {
    let at = 3 * (y * picture.width + x) as usize;
    [picture.rgb[at], picture.rgb[at + 1], picture.rgb[at + 2]]
}

#[test]
fn png_and_lossless_webp_keep_every_value() {
    let image = gradient(37, 21);
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let picture = decode("a", &file(image.clone(), format)).unwrap();
        assert_eq!((picture.width, picture.height), (37, 21));
        assert_eq!(picture.rgb, image.as_raw().as_slice());
    }
}

#[test]
fn a_png_written_here_reads_back_the_same() {
    let picture = RgbPicture::new(5, 7, gradient(5, 7).into_raw()).unwrap();
    assert_eq!(decode("a", &picture.encode_png().unwrap()).unwrap(), picture);
}

#[test]
fn one_pixel_is_a_picture() {
    let picture = decode("dot.png", &file(gradient(1, 1), ImageFormat::Png)).unwrap();
    assert_eq!((picture.width, picture.height), (1, 1));
    let square = picture.crop(0.5, 0.5, 1.0, 224).unwrap();
    assert_eq!(square.rgb, pixel(&picture, 0, 0).repeat(224 * 224));
}

#[test]
fn sixteen_bits_are_reduced_to_eight() {
    let image: ImageBuffer<Rgb<u16>, Vec<u16>> =
        ImageBuffer::from_pixel(2, 2, Rgb([65535, 32896, 0]));
    let picture = decode("deep.png", &file(image, ImageFormat::Png)).unwrap();
    assert_eq!(pixel(&picture, 1, 1), [255, 128, 0]);
}

#[test]
fn greyscale_becomes_rgb() {
    let image: ImageBuffer<Luma<u8>, Vec<u8>> = ImageBuffer::from_pixel(8, 8, Luma([77]));
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        let picture = decode("grey", &file(image.clone(), format)).unwrap();
        assert!(pixel(&picture, 3, 3).iter().all(|&v| v.abs_diff(77) <= 1));
    }
}

#[test]
fn cmyk_progressive_and_palette_files_become_rgb() {
    let close = |name: &str, bytes: &[u8], expected: [u8; 3]| {
        let picture = decode(name, bytes).unwrap();
        let found = pixel(&picture, 2, 2);
        let near =
            found.iter().zip(expected).all(|(found, expected)| found.abs_diff(expected) <= 6);
        assert!(near, "{name}: {found:?} where {expected:?} is expected");
    };
    close("cmyk.jpg", include_bytes!("support/cmyk.jpg"), [255, 0, 0]);
    close("progressive.jpg", include_bytes!("support/progressive.jpg"), [200, 40, 40]);
    close("palette.png", include_bytes!("support/palette.png"), [10, 200, 30]);
}

#[test]
fn transparency_is_flattened_on_white() {
    let image = RgbaImage::from_fn(3, 1, |x, _| Rgba([0, 100, 200, [0, 128, 255][x as usize]]));
    let picture = decode("ghost.png", &file(image, ImageFormat::Png)).unwrap();
    assert_eq!(pixel(&picture, 0, 0), [255, 255, 255]);
    assert_eq!(pixel(&picture, 1, 0), [127, 177, 227]);
    assert_eq!(pixel(&picture, 2, 0), [0, 100, 200]);
}

#[test]
fn of_an_animation_the_first_frame_is_taken() {
    let mut bytes = Vec::new();
    let frame = |colour| Frame::new(RgbaImage::from_pixel(4, 4, Rgba(colour)));
    GifEncoder::new(&mut bytes)
        .encode_frames([frame([255, 0, 0, 255]), frame([0, 0, 255, 255])])
        .unwrap();
    let picture = decode("film.gif", &bytes).unwrap();
    assert_eq!(pixel(&picture, 2, 2), [255, 0, 0]);
}

/// A JPEG with an EXIF segment that holds these bytes.
fn with_exif(mut jpeg: Vec<u8>, tiff: &[u8]) -> Vec<u8> {
    let mut exif = vec![0xff, 0xe1];
    exif.extend((2 + 6 + tiff.len() as u16).to_be_bytes());
    exif.extend_from_slice(b"Exif\0\0");
    exif.extend_from_slice(tiff);
    jpeg.splice(2..2, exif);
    jpeg
}

/// A JPEG with an EXIF orientation.
fn turned(image: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 100).encode_image(image).unwrap();
    let mut tiff = *b"II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\0\0\0\0";
    tiff[18] = orientation;
    with_exif(jpeg, &tiff)
}

#[test]
fn exif_orientation_is_respected() {
    let image =
        RgbImage::from_fn(16, 8, |x, _| Rgb(if x < 8 { [250, 10, 10] } else { [10, 10, 250] }));
    let red = |p: [u8; 3]| p[0] > 200 && p[2] < 60;
    let upright = decode("a.jpg", &turned(&image, 1)).unwrap();
    assert_eq!((upright.width, upright.height), (16, 8));
    assert!(red(pixel(&upright, 1, 4)) && !red(pixel(&upright, 14, 4)));
    // 6: the camera was turned, what is left as stored belongs on top.
    let clockwise = decode("a.jpg", &turned(&image, 6)).unwrap();
    assert_eq!((clockwise.width, clockwise.height), (8, 16));
    assert!(red(pixel(&clockwise, 4, 1)) && !red(pixel(&clockwise, 4, 14)));
    let upside_down = decode("a.jpg", &turned(&image, 3)).unwrap();
    assert!(red(pixel(&upside_down, 14, 4)) && !red(pixel(&upside_down, 1, 4)));
}

#[test]
fn long_pictures_are_scaled_down() {
    let picture = decode("wide.png", &file(gradient(2600, 3), ImageFormat::Png)).unwrap();
    assert_eq!((picture.width, picture.height), (MAX_SIDE, 1));
}

#[test]
fn what_is_no_picture_is_said_to_be_none() {
    for bytes in [b"".as_slice(), b"hello", b"%PDF-1.7", &[0; 100], b"BM\x00\x00"] {
        let error = decode("notes.txt", bytes).unwrap_err();
        assert_eq!(error, Error::NotAPicture { name: "notes.txt".into() });
    }
}

#[test]
fn truncated_pictures_are_broken() {
    let image = gradient(64, 64);
    for format in [ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
        let bytes = file(image.clone(), format);
        let error = decode("half", &bytes[..bytes.len() / 2]).unwrap_err();
        assert!(matches!(error, Error::BrokenPicture { .. }), "{format:?}: {error}");
    }
}

#[test]
fn a_truncated_jpeg_is_broken_wherever_it_ends() {
    let image = gradient(256, 256);
    let baseline = file(image, ImageFormat::Jpeg);
    let thumbnail = file(gradient(32, 32), ImageFormat::Jpeg);
    let with_thumbnail = with_exif(baseline.clone(), &thumbnail);
    let progressive = include_bytes!("support/progressive.jpg").to_vec();
    for (name, jpeg) in
        [("baseline", baseline), ("thumbnail", with_thumbnail), ("progressive", progressive)]
    {
        assert!(decode(name, &jpeg).is_ok(), "{name}");
        for percent in [25, 50, 75, 90, 99] {
            let error = decode(name, &jpeg[..jpeg.len() * percent / 100]).unwrap_err();
            let is_broken = matches!(error, Error::BrokenPicture { .. });
            assert!(is_broken, "{name}, {percent} %: {error}");
        }
        let film = [jpeg.as_slice(), b"\xff\xda and a film"].concat();
        assert!(decode(name, &film).is_ok(), "{name} with a film behind it");
    }
}

/// A PNG that says it is of this size, and holds nothing.
fn claims(width: u32, height: u32) -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend(13u32.to_be_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(&header);
    png.extend(&header);
    png.extend(crc.sum().to_be_bytes());
    png.extend(b"\0\0\0\x04IDAT\0\0\0\0\0\0\0\0");
    png
}

#[test]
fn a_hundred_megapixels_are_refused_with_their_size() {
    let error = decode("poster.png", &claims(10_000, 10_000)).unwrap_err();
    assert_eq!(
        error,
        Error::PictureTooLarge { name: "poster.png".into(), detail: "10000 x 10000 pixels".into() }
    );
    // A single row of this one is more than is allocated.
    let error = decode("line.png", &claims(u32::MAX >> 1, 1)).unwrap_err();
    assert!(matches!(error, Error::PictureTooLarge { .. }), "{error}");
}

#[test]
fn a_crop_is_placed_by_fractions() {
    let picture = RgbPicture::new(30, 10, gradient(30, 10).into_raw()).unwrap();
    let image = gradient(30, 10);
    for (x, left) in [(0.0, 0), (0.5, 10), (1.0, 20), (-3.0, 0), (f32::NAN, 0)] {
        let square = picture.crop(x, 0.5, 1.0, 10).unwrap();
        let expected = image.view(left, 0, 10, 10).to_image();
        assert_eq!(square.rgb, expected.into_raw(), "{x}");
    }
    let half = picture.crop(0.0, 1.0, 2.0, 5).unwrap();
    assert_eq!(half.rgb, image.view(0, 5, 5, 5).to_image().into_raw());
    assert_eq!(picture.crop(0.5, 0.5, f32::INFINITY, 4).unwrap().width, 4);
    assert!(matches!(picture.crop(0.5, 0.5, 1.0, 0), Err(Error::EmptyPicture { .. })));
}

#[test]
fn pixels_survive_the_way_through_a_tensor() {
    let rgb: Vec<u8> = gradient(16, 16).into_raw();
    let two = [rgb.clone(), rgb.iter().map(|v| 255 - v).collect()].concat();
    let tensor = PixelTensor::from_rgb(&two, 16, 16, &Device::flex()).unwrap();
    assert_eq!(tensor.dims(), [2, 3, 16, 16]);
    assert_eq!(block_on(tensor.to_rgb()).unwrap(), two);
    for (height, width) in [(16, 15), (0, 4), (usize::MAX, 2)] {
        let wrong = PixelTensor::from_rgb(&two, height, width, &Device::flex());
        assert!(matches!(wrong, Err(Error::PictureBytes { .. })));
    }
    assert!(PixelTensor::from_rgb(&[], 1, 1, &Device::flex()).is_err());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn damaged_files_never_panic(
        format in 0usize..4,
        changes in proptest::collection::vec((0usize..4000, proptest::num::u8::ANY), 1..8),
    ) {
        let formats = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP];
        let mut bytes = file(gradient(24, 16), formats[format]);
        for (position, value) in changes {
            let length = bytes.len();
            bytes[position % length] = value;
        }
        let _ = decode("damaged", &bytes);
    }
}

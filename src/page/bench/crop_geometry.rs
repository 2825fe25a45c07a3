//! Where the square lies in a picture, and how dragging and pinching move it.

use crate::protocol::Crop;

/// The strongest zoom: the square is an eighth of the shorter side.
pub const MAX_ZOOM: f32 = 8.0;

/// A rectangle in fractions of the picture's width and height, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
}

/// The crop with every number in its range; nonsense becomes the default.
pub fn clamped(crop: Crop) -> Crop {
    let fraction = |value: f32| if value.is_finite() { value.clamp(0.0, 1.0) } else { 0.5 };
    let zoom = if crop.zoom.is_finite() { crop.zoom.clamp(1.0, MAX_ZOOM) } else { 1.0 };
    Crop { x: fraction(crop.x), y: fraction(crop.y), zoom }
}

/// The crop to a thousandth, which is less than a pixel of what a model gets.
pub fn rounded(crop: Crop) -> Crop {
    let short = |value: f32| (value * 1000.0).round() / 1000.0;
    Crop { x: short(crop.x), y: short(crop.y), zoom: short(crop.zoom) }
}

/// The square of a crop within a picture of `width` by `height` pixels. Never empty.
pub fn frame(crop: Crop, width: u32, height: u32) -> Frame {
    let crop = clamped(crop);
    let (width, height) = (width.max(1) as f32, height.max(1) as f32);
    let side = width.min(height) / crop.zoom;
    Frame {
        left: crop.x * (width - side) / width,
        top: crop.y * (height - side) / height,
        width: side / width,
        height: side / height,
    }
}

/// The crop whose square has moved by `right` and `down`, in fractions of the picture.
pub fn moved(crop: Crop, right: f32, down: f32, width: u32, height: u32) -> Crop {
    let frame = frame(crop, width, height);
    let along = |start: f32, by: f32, length: f32, old: f32| {
        let room = 1.0 - length;
        if room > 1e-4 { (start + by) / room } else { old }
    };
    clamped(Crop {
        x: along(frame.left, right, frame.width, crop.x),
        y: along(frame.top, down, frame.height, crop.y),
        zoom: crop.zoom,
    })
}

/// The crop zoomed in by `factor` about the middle of its square, as far as the picture reaches.
pub fn zoomed(crop: Crop, factor: f32, width: u32, height: u32) -> Crop {
    let before = frame(crop, width, height);
    let zoom = clamped(Crop { zoom: crop.zoom * factor, ..crop }).zoom;
    let after = frame(Crop { zoom, ..crop }, width, height);
    let along = |start: f32, old_length: f32, length: f32, old: f32| {
        let room = 1.0 - length;
        if room > 1e-4 { (start + (old_length - length) / 2.0) / room } else { old }
    };
    clamped(Crop {
        x: along(before.left, before.width, after.width, crop.x),
        y: along(before.top, before.height, after.height, crop.y),
        zoom,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: (u32, u32) = (960, 540);

    #[test]
    fn the_default_is_the_largest_square_in_the_middle() {
        let frame = frame(Crop::default(), WIDE.0, WIDE.1);
        assert!((frame.left - 210.0 / 960.0).abs() < 1e-6);
        assert_eq!(frame.top, 0.0);
        assert!((frame.width * 960.0 - frame.height * 540.0).abs() < 1e-3);
    }

    #[test]
    fn dragging_moves_the_square_by_as_much_and_stops_at_the_edge() {
        let start = Crop { x: 0.5, y: 0.5, zoom: 2.0 };
        let before = frame(start, WIDE.0, WIDE.1);
        let after = frame(moved(start, 0.1, -0.05, WIDE.0, WIDE.1), WIDE.0, WIDE.1);
        assert!((after.left - before.left - 0.1).abs() < 1e-5);
        assert!((after.top - before.top + 0.05).abs() < 1e-5);
        let corner = moved(start, 5.0, 5.0, WIDE.0, WIDE.1);
        assert_eq!((corner.x, corner.y), (1.0, 1.0));
    }

    #[test]
    fn without_room_a_drag_changes_nothing() {
        let crop = Crop { x: 0.25, y: 0.5, zoom: 1.0 };
        let dragged = moved(crop, 0.0, 0.3, WIDE.0, WIDE.1);
        assert_eq!(dragged.y, 0.5);
        assert!((dragged.x - 0.25).abs() < 1e-6);
    }

    #[test]
    fn zooming_keeps_the_middle() {
        let start = Crop { x: 0.4, y: 0.6, zoom: 2.0 };
        let middle = |crop| {
            let frame = frame(crop, WIDE.0, WIDE.1);
            (frame.left + frame.width / 2.0, frame.top + frame.height / 2.0)
        };
        let (x, y) = middle(start);
        let (u, v) = middle(zoomed(start, 1.5, WIDE.0, WIDE.1));
        assert!((x - u).abs() < 1e-5 && (y - v).abs() < 1e-5);
        assert_eq!(zoomed(start, 100.0, WIDE.0, WIDE.1).zoom, MAX_ZOOM);
        assert_eq!(zoomed(start, 0.01, WIDE.0, WIDE.1).zoom, 1.0);
    }

    #[test]
    fn a_picture_of_one_pixel_has_a_square() {
        let frame = frame(Crop { x: f32::NAN, y: 2.0, zoom: 0.0 }, 1, 1);
        assert_eq!(frame, Frame { left: 0.0, top: 0.0, width: 1.0, height: 1.0 });
    }
}

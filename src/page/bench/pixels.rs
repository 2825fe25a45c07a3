//! From the engine's pixels to a canvas's.

use crate::protocol::Picture;

/// The picture with an opaque alpha channel, four bytes a pixel; none if its sizes disagree or it
/// is empty.
pub fn rgba(picture: &Picture) -> Option<Vec<u8>> {
    let pixels = (picture.width as usize).checked_mul(picture.height as usize)?;
    if pixels == 0 || Some(picture.rgb.len()) != pixels.checked_mul(3) {
        return None;
    }
    let mut rgba = vec![255; pixels * 4];
    for (to, from) in rgba.chunks_exact_mut(4).zip(picture.rgb.chunks_exact(3)) {
        to[..3].copy_from_slice(from);
    }
    Some(rgba)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alpha_is_opaque() {
        let picture = Picture { width: 2, height: 1, rgb: vec![1, 2, 3, 4, 5, 6] };
        assert_eq!(rgba(&picture), Some(vec![1, 2, 3, 255, 4, 5, 6, 255]));
    }

    #[test]
    fn sizes_that_disagree_are_not_drawn() {
        assert_eq!(rgba(&Picture { width: 2, height: 2, rgb: vec![0; 3] }), None);
        assert_eq!(rgba(&Picture { width: 0, height: 0, rgb: Vec::new() }), None);
    }
}

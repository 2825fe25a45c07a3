//! What a request may ask, checked before anything is computed.

use crate::protocol::{Goal, MAX_PICTURE_SIDE, Picture, Problem, ProblemKind};

/// The smallest side that a model takes, in pixels: MobileNetV2 halves it five times.
pub const MIN_SIDE: u32 = 32;
/// The largest side that a model takes, in pixels.
pub const MAX_SIDE: u32 = 320;
/// The product of the strides of the models here.
const SIDE_STEP: u32 = 32;

fn bad_request(detail: impl ToString) -> Problem {
    Problem::new(ProblemKind::BadRequest, "request", detail)
}

/// A picture's bytes are as many as its size says.
///
/// # Errors
/// [`ProblemKind::BadRequest`], or [`ProblemKind::PictureShape`] for a picture without pixels.
pub fn whole(picture: &Picture) -> Result<(), Problem> {
    let (width, height) = (picture.width, picture.height);
    if width == 0 || height == 0 {
        return Err(Problem::new(ProblemKind::PictureShape, "picture", "it has no pixels"));
    }
    let expected = u128::from(width) * u128::from(height) * 3;
    if picture.rgb.len() as u128 != expected {
        let found = picture.rgb.len();
        return Err(bad_request(format!(
            "{width} x {height} pixels are {expected} bytes, not {found}"
        )));
    }
    Ok(())
}

/// Whether a model can take squares of that side, in pixels: a multiple of 32 from [`MIN_SIDE`] to
/// [`MAX_SIDE`].
pub fn is_side(side: u32) -> bool {
    (MIN_SIDE..=MAX_SIDE).contains(&side) && side.is_multiple_of(SIDE_STEP)
}

/// A picture that a model can take: square, and of a side for which [`is_side`] holds.
///
/// # Errors
/// [`ProblemKind::PictureShape`], and those of [`whole`].
pub fn model_input(picture: &Picture) -> Result<(), Problem> {
    whole(picture)?;
    let (width, height) = (picture.width, picture.height);
    if width != height || !is_side(width) {
        return Err(Problem::new(
            ProblemKind::PictureShape,
            "picture",
            format!(
                "{width} x {height} pixels; a model takes a square with a side of {MIN_SIDE} to \
                 {MAX_SIDE} in steps of {SIDE_STEP}"
            ),
        ));
    }
    Ok(())
}

/// A crop's side in pixels is not absurd. Where it lies is not checked: it is moved to the nearest
/// place in the picture.
///
/// # Errors
/// [`ProblemKind::BadRequest`].
pub fn crop_size(size: u32) -> Result<(), Problem> {
    if (1..=MAX_PICTURE_SIDE).contains(&size) {
        Ok(())
    } else {
        Err(bad_request(format!("a crop with a side of {size} pixels")))
    }
}

/// The goal's label exists.
///
/// # Errors
/// [`ProblemKind::BadRequest`].
pub fn goal(goal: Goal, num_classes: usize) -> Result<(), Problem> {
    match goal {
        Goal::Untargeted { label: Some(label) } | Goal::Targeted { label }
            if label >= num_classes =>
        {
            Err(bad_request(format!("label {label} of a model with {num_classes} classes")))
        }
        _ => Ok(()),
    }
}

/// Epsilon is a size in pixel units, 0 to 1.
///
/// # Errors
/// [`ProblemKind::BadRequest`].
pub fn epsilon(epsilon: f32) -> Result<(), Problem> {
    if (0.0..=1.0).contains(&epsilon) {
        Ok(())
    } else {
        Err(bad_request(format!("epsilon {epsilon}, outside 0 to 1")))
    }
}

/// Epsilons of a sweep ascend, each from 0 to 1.
///
/// # Errors
/// [`ProblemKind::BadRequest`].
pub fn epsilons(epsilons: &[f32]) -> Result<(), Problem> {
    epsilons.iter().try_for_each(|&value| epsilon(value))?;
    if epsilons.is_sorted() {
        Ok(())
    } else {
        Err(bad_request("the epsilons of a sweep do not ascend"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> Picture {
        Picture { width, height, rgb: vec![0; (width * height * 3) as usize] }
    }

    fn kind<T: std::fmt::Debug>(result: Result<T, Problem>) -> ProblemKind {
        result.expect_err("should be refused").kind
    }

    #[test]
    fn models_take_squares_of_certain_sides() {
        for side in [32, 64, 224, 320] {
            assert!(model_input(&picture(side, side)).is_ok(), "{side}");
        }
        for (width, height) in [(0, 0), (1, 1), (31, 31), (33, 33), (224, 192), (352, 352)] {
            let refused = model_input(&picture(width, height));
            assert_eq!(kind(refused), ProblemKind::PictureShape, "{width} x {height}");
        }
    }

    #[test]
    fn a_picture_has_all_its_bytes() {
        let short = Picture { width: 32, height: 32, rgb: vec![0; 5] };
        assert_eq!(kind(model_input(&short)), ProblemKind::BadRequest);
        let vast = Picture { width: u32::MAX, height: u32::MAX, rgb: Vec::new() };
        assert_eq!(kind(whole(&vast)), ProblemKind::BadRequest);
    }

    #[test]
    fn labels_exist() {
        assert!(goal(Goal::Targeted { label: 4 }, 5).is_ok());
        assert!(goal(Goal::Untargeted { label: None }, 5).is_ok());
        assert_eq!(kind(goal(Goal::Targeted { label: 5 }, 5)), ProblemKind::BadRequest);
        let beyond = Goal::Untargeted { label: Some(5) };
        assert_eq!(kind(goal(beyond, 5)), ProblemKind::BadRequest);
    }

    #[test]
    fn epsilon_is_a_fraction_of_the_range() {
        assert!(epsilons(&[0.0, 0.5, 1.0]).is_ok());
        for value in [-0.1, 1.1, f32::NAN, f32::INFINITY] {
            assert_eq!(kind(epsilon(value)), ProblemKind::BadRequest, "{value}");
        }
        assert_eq!(kind(epsilons(&[0.2, 0.1])), ProblemKind::BadRequest);
    }

    #[test]
    fn crops_have_a_size() {
        assert!(crop_size(224).is_ok());
        assert_eq!(kind(crop_size(0)), ProblemKind::BadRequest);
        assert_eq!(kind(crop_size(u32::MAX)), ProblemKind::BadRequest);
    }
}

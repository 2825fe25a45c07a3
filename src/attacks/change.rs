use super::Error;
use crate::vision::PixelTensor;

/// How far a picture was moved, in pixel units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Largest change of any channel of any pixel, 0 to 1.
    pub linf: f32,
    /// Euclidean length over all channels of all pixels.
    pub l2: f32,
    /// Peak signal-to-noise ratio in decibels, with a peak of 1; none if nothing changed.
    pub psnr: Option<f32>,
}

impl Change {
    /// Compares two batches picture by picture.
    ///
    /// # Errors
    /// [`Error::Shape`] if they are not of one shape, [`Error::Device`] if the device does not
    /// answer.
    pub async fn measure(before: &PixelTensor, after: &PixelTensor) -> Result<Vec<Self>, Error> {
        let shape = before.dims();
        if shape != after.dims() {
            return Err(Error::Shape { expected: shape, found: after.dims() });
        }
        let size = shape[1] * shape[2] * shape[3];
        let difference = after.untracked().inner().clone() - before.untracked().inner().clone();
        let data = difference.into_data_async().await;
        let values: Vec<f32> = data
            .map_err(|error| Error::Device(error.to_string()))?
            .try_to_vec()
            .map_err(|error| Error::Device(format!("{error:?}")))?;
        Ok(values.chunks_exact(size.max(1)).map(Self::of).collect())
    }

    /// The size of one picture's perturbation.
    fn of(difference: &[f32]) -> Self {
        let linf = difference.iter().fold(0.0, |largest: f32, d| largest.max(d.abs()));
        let squares: f64 = difference.iter().map(|&d| f64::from(d) * f64::from(d)).sum();
        let psnr =
            (squares > 0.0).then(|| (-10.0 * (squares / difference.len() as f64).log10()) as f32);
        Self { linf, l2: squares.sqrt() as f32, psnr }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_one_value_is_measured_exactly() {
        let mut difference = [0.0; 300];
        difference[7] = -0.5;
        let change = Change::of(&difference);
        assert_eq!((change.linf, change.l2), (0.5, 0.5));
        let expected = 10.0 * (300.0 / 0.25_f32).log10();
        assert!((change.psnr.unwrap() - expected).abs() < 1e-4);
    }

    #[test]
    fn no_change_has_no_noise_ratio() {
        assert_eq!(Change::of(&[0.0; 3]), Change { linf: 0.0, l2: 0.0, psnr: None });
    }
}

use std::fmt;

use super::Error;

/// How the size of a perturbation is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// The largest change of any channel of any pixel.
    Linf,
    /// The Euclidean length over all channels of all pixels of a picture.
    L2,
}

impl fmt::Display for Norm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Linf => "Linf",
            Self::L2 => "L2",
        })
    }
}

/// What an attacker may do: change pixels by at most `epsilon` in a norm, inside [0, 1].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThreatModel {
    norm: Norm,
    epsilon: f32,
}

impl ThreatModel {
    /// A threat model with `epsilon` in pixel units: for Linf between 0 and 1, for L2 any finite
    /// number that is not negative.
    ///
    /// # Errors
    /// [`Error::Epsilon`].
    pub fn new(norm: Norm, epsilon: f32) -> Result<Self, Error> {
        let largest = match norm {
            Norm::Linf => 1.0,
            Norm::L2 => f32::MAX,
        };
        if (0.0..=largest).contains(&epsilon) {
            Ok(Self { norm, epsilon })
        } else {
            Err(Error::Epsilon { epsilon, largest })
        }
    }

    /// How the size is measured.
    pub fn norm(self) -> Norm {
        self.norm
    }

    /// In pixel units.
    pub fn epsilon(self) -> f32 {
        self.epsilon
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epsilon_is_checked() {
        assert!(ThreatModel::new(Norm::Linf, 0.0).is_ok());
        assert!(ThreatModel::new(Norm::Linf, 1.0).is_ok());
        assert!(ThreatModel::new(Norm::L2, 3.0).is_ok());
        for (norm, epsilon) in [
            (Norm::Linf, -0.1),
            (Norm::Linf, 1.01),
            (Norm::Linf, f32::NAN),
            (Norm::L2, f32::INFINITY),
            (Norm::L2, -1.0),
        ] {
            assert!(matches!(ThreatModel::new(norm, epsilon), Err(Error::Epsilon { .. })));
        }
    }
}

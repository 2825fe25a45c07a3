use super::Error;

/// What the attacker wants of each picture of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Any label but this one, one for each picture.
    Untargeted(Vec<usize>),
    /// This label, one for each picture.
    Targeted(Vec<usize>),
}

impl Goal {
    /// The labels to move away from or towards.
    pub fn labels(&self) -> &[usize] {
        match self {
            Self::Untargeted(labels) | Self::Targeted(labels) => labels,
        }
    }

    /// Whether the labels are to be reached.
    pub fn is_targeted(&self) -> bool {
        matches!(self, Self::Targeted(_))
    }

    /// 1 if the loss is to rise, -1 if it is to fall.
    pub(super) fn direction(&self) -> f32 {
        if self.is_targeted() { -1.0 } else { 1.0 }
    }

    pub(super) fn check(&self, pictures: usize, classes: usize) -> Result<(), Error> {
        let labels = self.labels();
        if labels.len() != pictures {
            return Err(Error::LabelCount { labels: labels.len(), pictures });
        }
        match labels.iter().find(|&&label| label >= classes) {
            Some(&label) => Err(Error::Label { label, classes }),
            None => Ok(()),
        }
    }
}

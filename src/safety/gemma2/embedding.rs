use std::rc::Rc;

use burn::Tensor;
use burn::tensor::{Device, Int, TensorData};

use super::source::{Placement, Source};
use crate::safety::Error;
use crate::weights::Archive;

const NAME: &str = "model.embed_tokens.weight";

/// A vector for each token, [vocabulary, hidden].
#[derive(Clone, Debug)]
pub enum Embedding {
    /// On the device, as f32.
    Resident(Tensor<2>),
    /// In the file, from which the rows are read that are needed: a text has few of them.
    Stored { archive: Rc<Archive>, shape: [usize; 2], device: Device },
}

impl Embedding {
    /// That of a file.
    ///
    /// # Errors
    /// Those of [`Archive::tensor`] and [`Archive::rows`].
    pub fn load(source: &Source) -> Result<Self, Error> {
        let shape = [source.config.vocabulary, source.config.hidden];
        let (archive, device) = (source.archive, &source.device);
        if source.placement == Placement::Unpacked {
            let values = archive.tensor(NAME, &shape)?;
            return Ok(Self::Resident(Tensor::from_data(TensorData::new(values, shape), device)));
        }
        archive.rows(NAME, shape, &[0])?;
        Ok(Self::Stored { archive: Rc::clone(archive), shape, device: device.clone() })
    }

    /// The rows [n, hidden] of some tokens, each below the vocabulary's size.
    ///
    /// # Errors
    /// Those of [`Archive::rows`], where they are read now.
    pub fn rows(&self, tokens: &[u32]) -> Result<Tensor<2>, Error> {
        match self {
            Self::Resident(embedding) => {
                let ids: Vec<i32> = tokens.iter().map(|&token| token.cast_signed()).collect();
                let ids = TensorData::new(ids, [tokens.len()]);
                let ids = Tensor::<1, Int>::from_data(ids, &embedding.device());
                Ok(embedding.clone().select(0, ids))
            }
            Self::Stored { archive, shape, device } => {
                let values = archive.rows(NAME, *shape, tokens)?;
                let [_, hidden] = *shape;
                Ok(Tensor::from_data(TensorData::new(values, [tokens.len(), hidden]), device))
            }
        }
    }
}

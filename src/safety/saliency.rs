//! Which tokens decide: the gradient of the gap between Yes and No with respect to the embedded
//! tokens.
//!
//! The gap is taken before the soft-cap, which bends it but never changes its sign, so that a
//! verdict that is already certain still has a gradient.

use burn::Tensor;

use super::Error;
use super::gemma2::Placement;
use super::guard::{Guard, read, read_logits};
use super::prompt::Prompt;
use super::yes_no::Logits;

/// How the gap between the two answers changes with the embedded tokens that are read.
#[derive(Clone, Debug)]
pub struct Gradient {
    pub logits: Logits,
    /// [length, hidden]
    pub gradient: Tensor<2>,
    /// The embedded tokens themselves, [length, hidden].
    pub embedded: Tensor<2>,
}

/// One forward and one backward pass through a prompt.
///
/// # Errors
/// [`Error::NoGradient`], [`Error::NotFinite`], [`Error::Device`].
pub async fn gradient(guard: &Guard, prompt: &Prompt) -> Result<Gradient, Error> {
    let (network, ids) = (guard.network(), prompt.ids());
    if network.placement() != Placement::Unpacked {
        return Err(Error::NoGradient);
    }
    let embedded = network.embed(&ids, ids.len())?;
    let tracked = embedded.clone().autodiff().require_grad();
    let raw = guard.answer().raw(network.last_hidden(tracked.clone(), None)?, &[0]);
    let gap = raw.clone().narrow(1, 0, 1) - raw.clone().narrow(1, 1, 1);
    let gradients = gap.sum().backward();
    // Without one, nothing that is read has a say.
    let gradient = tracked.grad(&gradients).unwrap_or_else(|| embedded.zeros_like());
    let logits = read_logits(guard.answer().capped(raw.inner())).await?;
    let shape = [ids.len(), network.config().hidden];
    Ok(Gradient { logits, gradient: gradient.reshape(shape), embedded: embedded.reshape(shape) })
}

impl Gradient {
    /// Of each token of the prompt how much it speaks for Yes (positive) or No (negative): gradient
    /// times embedding, which is what the gap would lose, to first order, without it. What was cut
    /// has no say.
    ///
    /// # Errors
    /// [`Error::NotFinite`], [`Error::Device`].
    pub async fn influences(&self, prompt: &Prompt) -> Result<Vec<f32>, Error> {
        let products = self.gradient.clone() * self.embedded.clone();
        let influences = read(products.sum_dim(1)).await?;
        if !influences.iter().all(|influence| influence.is_finite()) {
            return Err(Error::NotFinite);
        }
        let mut read = influences.into_iter();
        let of = |cut| if cut { 0.0 } else { read.next().unwrap_or(0.0) };
        Ok(prompt.tokens.iter().map(|token| token.cut).map(of).collect())
    }
}

use burn::backend::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn::backend::tensor::FloatTensor;

use super::{SiluKernels, SiluOps};

/// The backward step: one parent, the input, which is kept.
#[derive(Debug)]
struct Silu;

impl<B: SiluKernels> Backward<B, 1> for Silu {
    type State = FloatTensor<B>;

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let x = ops.state;
        unary::<B, _>(ops.parents, ops.node, grads, |gradient| B::input_gradient(gradient, x));
    }
}

impl<B, C> SiluOps for Autodiff<B, C>
where
    B: SiluKernels,
    C: CheckpointStrategy,
{
    fn silu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let (x, parent) = x.into_parts();
        match Silu.prepare::<C>([parent]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(x.clone(), B::forward(x)),
            OpsKind::UnTracked(step) => step.finish(B::forward(x)),
        }
    }
}

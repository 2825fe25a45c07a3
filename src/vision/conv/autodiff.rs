use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, TensorMetadata};

use super::{FrozenConvKernels, FrozenConvOps, Geometry};

/// The backward step: one parent, the input.
#[derive(Debug)]
struct FrozenConv;

/// What the backward step keeps from the forward one.
#[derive(Clone, Debug)]
struct Kept<B: Backend> {
    output: FloatTensor<B>,
    weight: FloatTensor<B>,
    geometry: Geometry,
    size: [usize; 2],
}

impl<B: FrozenConvKernels> Backward<B, 1> for FrozenConv {
    type State = Kept<B>;

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let Kept { output, weight, geometry, size } = ops.state;
        unary::<B, _>(ops.parents, ops.node, grads, |gradient| {
            B::input_gradient(gradient, output, weight, geometry, size)
        });
    }
}

impl<B, C> FrozenConvOps for Autodiff<B, C>
where
    B: FrozenConvKernels,
    C: CheckpointStrategy,
{
    fn frozen_conv2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        geometry: Geometry,
    ) -> FloatTensor<Self> {
        let (x, parent) = x.into_parts();
        let (weight, bias) = (weight.into_primitive(), bias.into_primitive());
        let shape = x.shape();
        let size = [shape[2], shape[3]];
        let output = B::forward(x, weight.clone(), bias, geometry);
        match FrozenConv.prepare::<C>([parent]).compute_bound().stateful() {
            OpsKind::Tracked(step) => {
                let kept = Kept { output: output.clone(), weight, geometry, size };
                step.finish(kept, output)
            }
            OpsKind::UnTracked(step) => step.finish(output),
        }
    }
}

"""What the networks share: convolutions with TensorFlow's padding, and files of tensors."""

from __future__ import annotations

import gzip
from pathlib import Path

import torch.nn.functional as F
from safetensors.torch import load
from torch import Tensor, nn


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """TensorFlow "SAME": pixels to add before and after one axis of `size` pixels.

    The output has ceil(size / stride) pixels; the odd pixel of padding comes after.
    """
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class Conv(nn.Conv2d):
    """A convolution that pads as TensorFlow "SAME" does, or symmetrically."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        *,
        same: bool = True,
        bias: bool = True,
    ) -> None:
        padding = 0 if same and stride > 1 else kernel // 2
        super().__init__(inputs, outputs, kernel, stride, padding, groups=groups, bias=bias)
        self.same = same and stride > 1

    def forward(self, x: Tensor) -> Tensor:
        if self.same:
            top, bottom = same_padding(x.shape[-2], self.kernel_size[0], self.stride[0])
            left, right = same_padding(x.shape[-1], self.kernel_size[1], self.stride[1])
            x = F.pad(x, (left, right, top, bottom))
        return super().forward(x)


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file, which may be gzipped."""
    data = path.read_bytes()
    return load(gzip.decompress(data) if path.suffix == ".gz" else data)

"""Weights and pictures from a hash of their names: no file is needed, and Python and Rust
compute the same bits.

The element i (row-major, from 0) of the tensor named n has

    h = splitmix64(fnv1a64(n) + i)            all arithmetic modulo 2^64
    u = (h >> 40) / 2^24                      in [0, 1), exact in f32

    fnv1a64(bytes):  a = 0xcbf29ce484222325; for each byte b of the UTF-8 name:
                     a = (a ^ b) * 0x100000001b3
    splitmix64(x):   z = x + 0x9e3779b97f4a7c15
                     z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
                     z = (z ^ (z >> 27)) * 0x94d049bb133111eb
                     z ^ (z >> 31)

and the value, computed in f64 and rounded once to f32:

    4-dimensional weight [o, i, kh, kw]   (2u - 1) * sqrt(6 / (i * kh * kw))
    2-dimensional weight [o, i]           (2u - 1) * sqrt(1 / i)
    1-dimensional weight (batch norm)     (0.5 + u) * gain, where the gain is 1 unless said
    bias (batch norm or classifier)       (2u - 1) * 0.2
    running_mean                          (2u - 1) * 0.2
    running_var                           0.5 + u
    the picture "input" (any shape)       u

The shape's i is the tensor's second axis as stored, so it is 1 for a depthwise weight.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn


def fnv1a64(name: str) -> int:
    """The 64-bit FNV-1a hash of a name's UTF-8 bytes."""
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def splitmix64(x: np.ndarray | np.uint64) -> np.ndarray | np.uint64:
    """SplitMix64's hash of counters, u64."""
    with np.errstate(over="ignore"):
        z = x + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def uniform(name: str, count: int) -> np.ndarray:
    """The first `count` values u in [0, 1) of the formula for `name`, f64."""
    with np.errstate(over="ignore"):
        hashes = splitmix64(np.uint64(fnv1a64(name)) + np.arange(count, dtype=np.uint64))
    return (hashes >> np.uint64(40)).astype(np.float64) / 2.0**24


def formula(name: str, shape: tuple[int, ...], gain: float = 1.0) -> Tensor:
    """The formula's tensor for `name`, f32."""
    u = uniform(name, math.prod(shape))
    if name.endswith("running_var"):
        values = 0.5 + u
    elif name.endswith("weight") and len(shape) == 1:
        values = (0.5 + u) * gain
    elif name.endswith("running_mean") or name.endswith("bias"):
        values = (2 * u - 1) * 0.2
    elif name.endswith("weight"):
        values = (2 * u - 1) * math.sqrt((6 if len(shape) == 4 else 1) / math.prod(shape[1:]))
    else:
        values = u
    return torch.from_numpy(values.astype(np.float32)).reshape(shape)


def formula_state(model: nn.Module, gain: float = 1.0) -> dict[str, Tensor]:
    """The formula's tensors for every floating-point tensor of a model."""
    return {
        name: formula(name, tuple(tensor.shape), gain)
        for name, tensor in model.state_dict().items()
        if tensor.is_floating_point()
    }

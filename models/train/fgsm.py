"""The fast gradient sign method (Goodfellow et al., 2015), in pixel units."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def input_gradient(model: nn.Module, pixels: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Logits [n, classes] and the gradient [n, 3, h, w] of the summed cross-entropy by the pixels."""
    pixels = pixels.detach().requires_grad_()
    logits = model(pixels)
    (gradient,) = torch.autograd.grad(F.cross_entropy(logits, labels, reduction="sum"), pixels)
    return logits.detach(), gradient


def step(pixels: Tensor, gradient: Tensor, epsilon: float) -> Tensor:
    """clip(x + epsilon * sign(gradient), 0, 1); where the gradient is zero the pixel stays."""
    return (pixels + epsilon * gradient.sign()).clamp(0, 1)

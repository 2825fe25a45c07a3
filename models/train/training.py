"""What the training programs share: the head's fit, the optimiser's groups, the schedule, what is watched."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


# So many of the validation pictures are attacked after each epoch, to see how training goes.
WATCHED = 100


def validation_order(count: int) -> Tensor:
    """A fixed order of `count` validation pictures: `WATCHED` of them are watched in training, and what is
    measured in the end is drawn from the others."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(0))


def fit_head(head: nn.Linear, features: Tensor, labels: Tensor, penalty: float = 1e-3) -> None:
    """Fits a zero head on features f32 [n, inputs] by L-BFGS; `penalty` times the squared weights."""
    optimiser = torch.optim.LBFGS(head.parameters(), max_iter=60, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = F.cross_entropy(head(features), labels) + penalty * head.weight.square().sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    head.zero_grad()


def adamw(model: nn.Module, rate: float, decay: float) -> torch.optim.AdamW:
    """AdamW that decays matrices and kernels only, not biases and norms."""
    return torch.optim.AdamW(
        [
            {"params": [p for p in model.parameters() if p.dim() > 1], "weight_decay": decay},
            {"params": [p for p in model.parameters() if p.dim() == 1], "weight_decay": 0.0},
        ],
        lr=rate,
    )


def rate_at(step: int, steps: int, warmup: int) -> float:
    """Share of the highest learning rate: linear warm-up, then a cosine to zero."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))


def sides(phases: str) -> list[int]:
    """`160:2,224:1` to the picture side of every epoch, [160, 160, 224]."""
    pairs = (phase.split(":") for phase in phases.split(","))
    return [int(side) for side, epochs in pairs for _ in range(int(epochs))]

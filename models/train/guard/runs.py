"""What both training steps share: the optimiser, its rate, bf16, checkpoints."""

from __future__ import annotations

from pathlib import Path

import torch
from torch.optim import AdamW

from network import Guard

WARM_UP = 0.05
# At the end of the schedule, of the peak.
LAST_RATE = 0.05
DECAY = 0.1
# What pulls a token back to what its word vector says.
DIFFERENCE_DECAY = 0.3


def autocast() -> torch.autocast:
    """Matrix products in bf16: 2.4 times as fast as f32 where the processor has instructions for it."""
    return torch.autocast("cpu", torch.bfloat16)


def optimiser(model: Guard, rate: float) -> AdamW:
    """AdamW, with decay for matrices and none for norms."""
    named = list(model.named_parameters())
    groups = [
        {"params": [p for name, p in named if name == "difference"], "weight_decay": DIFFERENCE_DECAY},
        {"params": [p for name, p in named if name != "difference" and p.dim() > 1], "weight_decay": DECAY},
        {"params": [p for _, p in named if p.dim() == 1], "weight_decay": 0.0},
    ]
    return AdamW([{**group, "peak": rate} for group in groups], lr=rate, betas=(0.9, 0.98), fused=True)


def rate_at(updates: AdamW, step: int, steps: int) -> None:
    """Sets the rate of a step: up over the first twentieth, then down along a cosine."""
    done = (step + 1) / steps
    if done < WARM_UP:
        share = done / WARM_UP
    else:
        course = (done - WARM_UP) / (1 - WARM_UP)
        share = LAST_RATE + (1 - LAST_RATE) * (1 + torch.cos(torch.tensor(torch.pi * course)).item()) / 2
    for group in updates.param_groups:
        group["lr"] = group["peak"] * share


def save_checkpoint(path: Path, model: Guard, updates: AdamW, step: int, **more: object) -> None:
    """Everything that is needed to go on, never half written."""
    half = path.with_suffix(".half")
    torch.save({"model": model.state_dict(), "updates": updates.state_dict(), "step": step, **more}, half)
    half.replace(path)


def load_checkpoint(path: Path, model: Guard, updates: AdamW) -> int:
    """The step to go on from, 0 where there is no checkpoint."""
    if not path.exists():
        return 0
    saved = torch.load(path)
    model.load_state_dict(saved["model"])
    updates.load_state_dict(saved["updates"])
    return saved["step"]

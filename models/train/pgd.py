"""Projected gradient descent (Madry et al., 2018) on the cross-entropy, in pixel units.

Pixels are f32 [n, 3, h, w] in [0, 1]. The ball is measured for each picture: the largest
change of a value ("linf") or the Euclidean length of the change ("l2").
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from fgsm import input_gradient


@dataclass(frozen=True)
class Attack:
    """How far and how: `epsilon` and `step_size` in the norm's units; `target` a class, or away from the label."""

    norm: str
    epsilon: float
    step_size: float
    steps: int
    target: int | None = None


def lengths(x: Tensor) -> Tensor:
    """Euclidean lengths [n, 1, 1, 1]."""
    return x.flatten(1).norm(dim=1).view(-1, 1, 1, 1)


def project(delta: Tensor, attack: Attack) -> Tensor:
    """The nearest point of the ball."""
    if attack.norm == "linf":
        return delta.clamp(-attack.epsilon, attack.epsilon)
    return delta * (attack.epsilon / lengths(delta).clamp(min=1e-12)).clamp(max=1)


def random_start(pixels: Tensor, attack: Attack, random: torch.Generator | None) -> Tensor:
    """A point drawn uniformly from the ball around the pixels, then clipped to [0, 1]."""
    if attack.norm == "linf":
        delta = (torch.rand(pixels.shape, generator=random) * 2 - 1) * attack.epsilon
    else:
        direction = torch.randn(pixels.shape, generator=random)
        radius = torch.rand(len(pixels), 1, 1, 1, generator=random) ** (1 / pixels[0].numel())
        delta = direction / lengths(direction) * radius * attack.epsilon
    return (pixels + delta).clamp(0, 1).contiguous(memory_format=torch.channels_last)


def next_pixels(attacked: Tensor, pixels: Tensor, gradient: Tensor, attack: Attack) -> Tensor:
    """One step up the gradient (down, towards a target), back into the ball and into [0, 1].

    Clipping to [0, 1] moves each value towards the clean one, so it never leaves the ball.
    """
    sign = 1 if attack.target is None else -1
    if attack.norm == "linf":
        direction = gradient.sign()
    else:
        direction = gradient / lengths(gradient).clamp(min=1e-12)
    delta = attacked + sign * attack.step_size * direction - pixels
    return (pixels + project(delta, attack)).clamp(0, 1)


def perturb(
    model: nn.Module, pixels: Tensor, labels: Tensor, attack: Attack, random: torch.Generator | None = None
) -> Tensor:
    """The pixels after all steps from a random start; the untargeted form that training uses."""
    attacked = random_start(pixels, attack, random)
    for _ in range(attack.steps):
        _, gradient = input_gradient(model, attacked, labels)
        attacked = next_pixels(attacked, pixels, gradient, attack)
    return attacked


def succeeds(
    model: nn.Module,
    pixels: Tensor,
    labels: Tensor,
    attack: Attack,
    restarts: int,
    random: torch.Generator,
    batch: int = 32,
) -> Tensor:
    """Whether some point of some restart does it, bool [n]: wrong class, or the target's.

    A picture drops out as soon as it has succeeded, so that the gradients are spent on the others.
    The untargeted attack expects pictures that are classified rightly when clean.
    """
    done = torch.zeros(len(labels), dtype=torch.bool)
    wanted = labels if attack.target is None else torch.full_like(labels, attack.target)
    for _ in range(restarts):
        if done.all():  # `split` would give one empty batch
            break
        for rows in (~done).nonzero().flatten().split(batch):
            attacked = random_start(pixels[rows], attack, random)
            for step in range(attack.steps + 1):
                last = step == attack.steps
                if last:
                    with torch.no_grad():
                        logits = model(attacked)
                else:
                    logits, gradient = input_gradient(model, attacked, wanted[rows])
                hits = logits.argmax(1) == wanted[rows]
                stand = hits if attack.target is None else ~hits
                done[rows[~stand]] = True
                if last or not stand.any():
                    break
                rows = rows[stand]
                attacked = next_pixels(attacked[stand], pixels[rows], gradient[stand], attack)
    return done

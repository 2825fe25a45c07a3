"""Writes the golden pictures of iterative attacks that the Rust tests compare with.

Foolbox, torchattacks and PyTorch's Adam in float64, from the starts that our own noise
gives. `README.md` beside this file says what each file holds. Run from anywhere, with
models/train/requirements.txt, foolbox and torchattacks installed:

    python tests/golden/make_attacks.py

Noise (Python and Rust compute the same): with `splitmix64` of formula.py,

    s = splitmix64(splitmix64(splitmix64(seed) + restart) + picture)
    h_i = splitmix64(s + i * 0x9e3779b97f4a7c15)

    Linf: value i is epsilon * (2 (h_i >> 40) / 2^24 - 1)
    L2:   p_i = ((h_i >> 11) + 1) / 2^53; values 2i and 2i + 1 of a direction are
          sqrt(-2 ln p_2i) times cos and sin of 2 pi p_(2i + 1); the direction is scaled to
          the length epsilon * p^(1 / size), where p is the number after the last pair
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import eagerpy
import foolbox
import numpy as np
import torch
import torch.nn.functional as F
import torchattacks
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "models" / "train"))

from formula import formula, splitmix64  # noqa: E402
from quantise import load_packed  # noqa: E402

GOLDEN_GAMMA = np.uint64(0x9E3779B97F4A7C15)
SEED = 7
DANDELION, TULIPS = 1, 4


class Small(nn.Module):
    """tanh(x A) B on the flattened pixels: smooth, so that no rounding is magnified."""

    def __init__(self, size: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.first = nn.Parameter(formula("small.first.weight", (size, hidden)).double())
        self.second = nn.Parameter(3 * formula("small.second.weight", (hidden, classes)).double())

    def forward(self, pixels: Tensor) -> Tensor:
        return torch.tanh(pixels.flatten(1) @ self.first) @ self.second


def noise(norm: str, epsilon: float, seed: int, restart: int, shape: tuple[int, ...]) -> Tensor:
    """Our start, relative to the clean pictures; f32 as there."""
    epsilon = float(np.float32(epsilon))
    size = int(np.prod(shape[1:]))
    values = []
    for picture in range(shape[0]):
        with np.errstate(over="ignore"):
            state = splitmix64(np.uint64(seed)) + np.uint64(restart)
            state = splitmix64(splitmix64(state) + np.uint64(picture))
            hashes = splitmix64(state + GOLDEN_GAMMA * np.arange(size + 2, dtype=np.uint64))
        if norm == "linf":
            u = (hashes[:size] >> np.uint64(40)).astype(np.float32) / np.float32(2**24)
            values.append((np.float32(epsilon) * (2 * u - 1)).astype(np.float64))
            continue
        p = ((hashes >> np.uint64(11)) + np.uint64(1)).astype(np.float64) / 2.0**53
        pairs = (size + 1) // 2
        radius, angle = np.sqrt(-2 * np.log(p[0 : 2 * pairs : 2])), 2 * np.pi * p[1 : 2 * pairs : 2]
        direction = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).ravel()[:size]
        length = epsilon * p[2 * pairs] ** (1 / size)
        values.append((direction * length / np.linalg.norm(direction)).astype(np.float32).astype(np.float64))
    return torch.from_numpy(np.stack(values)).reshape(shape)


def by_foolbox(kind: type, model: nn.Module, pixels: Tensor, labels: Tensor, *, epsilon: float, step_size: float,
               steps: int, targeted: bool = False, start: Tensor | None = None,
               loss: Callable[[Tensor, Tensor], Tensor] | None = None) -> Tensor:
    """One of Foolbox's gradient descents from a given start."""

    class FromStart(kind):
        def get_random_start(self, x0, epsilon):
            return x0 + eagerpy.astensor(start)

        def get_loss_fn(self, model, labels):
            if loss is None:
                return super().get_loss_fn(model, labels)
            return lambda inputs: eagerpy.astensor(loss(model(inputs).raw, labels.raw).sum())

    attack = FromStart(abs_stepsize=step_size, steps=steps, random_start=start is not None)
    kind_of_goal = foolbox.criteria.TargetedMisclassification if targeted else foolbox.criteria.Misclassification
    wrapped = foolbox.PyTorchModel(model, bounds=(0, 1))
    return attack.run(wrapped, pixels, kind_of_goal(labels), epsilon=epsilon).detach()


def by_torchattacks(attack: torchattacks.attack.Attack, pixels: Tensor, labels: Tensor, targeted: bool = False) -> Tensor:
    """One of torchattacks'."""
    if targeted:
        attack.set_mode_targeted_by_label(quiet=True)
    return attack(pixels, labels).detach()


def by_adam(model: nn.Module, pixels: Tensor, targets: Tensor, *, norm: str, epsilon: float, rate: float,
            steps: int) -> Tensor:
    """PyTorch's Adam on the perturbation, towards targets, projected after each step."""
    delta = torch.zeros_like(pixels, requires_grad=True)
    adam = torch.optim.Adam([delta], lr=rate)
    for _ in range(steps):
        adam.zero_grad()
        F.cross_entropy(model(pixels + delta), targets, reduction="sum").backward()
        adam.step()
        with torch.no_grad():
            if norm == "linf":
                delta.clamp_(-epsilon, epsilon)
            else:
                lengths = delta.flatten(1).norm(dim=1).clamp_min(1e-30).view(-1, 1, 1, 1)
                delta.mul_((epsilon / lengths).clamp_max(1))
            delta.copy_((pixels + delta).clamp(0, 1) - pixels)
    return (pixels + delta).detach()


def margin(logits: Tensor, labels: Tensor) -> Tensor:
    """The best other logit minus the label's."""
    others = logits.scatter(1, labels[:, None], -torch.inf)
    return others.amax(1) - logits.gather(1, labels[:, None])[:, 0]


def outcome(model: nn.Module, adversarial: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """The pictures, the model's predictions, and their cross-entropy for the labels."""
    with torch.no_grad():
        logits = model(adversarial)
    return {
        "pixels": adversarial,
        "prediction": logits.argmax(1),
        "loss": F.cross_entropy(logits, labels, reduction="none"),
    }


def save(out: Path, name: str, tensors: dict[str, Tensor], about: str) -> None:
    """Writes one golden file, f64 rounded to f32."""
    rounded = {k: (t.float() if t.dtype == torch.float64 else t).contiguous() for k, t in tensors.items()}
    path = out / f"{name}.safetensors"
    save_file(rounded, path, metadata={"about": f"{about}. Made by tests/golden/make_attacks.py"})
    path.chmod(0o644)


def make_small(out: Path) -> None:
    """`attacks_small`: every attack on the smooth network."""
    linf, l2 = foolbox.attacks.LinfProjectedGradientDescentAttack, foolbox.attacks.L2ProjectedGradientDescentAttack
    pixels = formula("input", (4, 3, 8, 8)).double()
    model = Small(192, 32, 10).double().eval()
    with torch.no_grad():
        labels = model(pixels).argmax(1)
    targets = (labels + 3) % 10
    near = noise("linf", 0.05, SEED, 0, tuple(pixels.shape))
    inside = noise("l2", 0.8, SEED, 0, tuple(pixels.shape))
    size = {"epsilon": 0.05, "step_size": 0.01, "steps": 10}
    length = {"epsilon": 0.8, "step_size": 0.2, "steps": 10}
    runs = {
        "foolbox.bim": (labels, by_foolbox(linf, model, pixels, labels, **size)),
        "foolbox.pgd.targeted": (
            targets, by_foolbox(linf, model, pixels, targets, targeted=True, start=near, **size)),
        "foolbox.pgd.margin": (labels, by_foolbox(linf, model, pixels, labels, start=near, loss=margin, **size)),
        "foolbox.l2": (labels, by_foolbox(l2, model, pixels, labels, **length)),
        "foolbox.l2.targeted": (
            targets, by_foolbox(l2, model, pixels, targets, targeted=True, start=inside, **length)),
        "torchattacks.bim": (
            labels, by_torchattacks(torchattacks.BIM(model, eps=0.05, alpha=0.01, steps=10), pixels, labels)),
        "torchattacks.pgd.targeted": (
            targets,
            by_torchattacks(torchattacks.PGD(model, eps=0.05, alpha=0.01, steps=10, random_start=False), pixels,
                            targets, True)),
        "torchattacks.l2": (
            labels,
            by_torchattacks(torchattacks.PGDL2(model, eps=0.8, alpha=0.2, steps=10, random_start=False), pixels,
                            labels)),
        "torchattacks.mi_fgsm": (
            labels,
            by_torchattacks(torchattacks.MIFGSM(model, eps=0.05, alpha=0.01, steps=10, decay=0.9), pixels, labels)),
        "torchattacks.mi_fgsm.targeted": (
            targets,
            by_torchattacks(torchattacks.MIFGSM(model, eps=0.05, alpha=0.01, steps=10, decay=1.0), pixels, targets,
                            True)),
        "adam.linf": (
            targets, by_adam(model, pixels, targets, norm="linf", epsilon=0.05, rate=0.005, steps=40)),
        "adam.l2": (targets, by_adam(model, pixels, targets, norm="l2", epsilon=0.8, rate=0.005, steps=40)),
    }
    tensors = {"labels": labels, "targets": targets}
    for name, (wanted, adversarial) in runs.items():
        found = outcome(model, adversarial, wanted)
        print(f"{name}: {found['prediction'].tolist()} loss {[round(x, 3) for x in found['loss'].tolist()]}")
        tensors |= {f"{name}.{key}": value for key, value in found.items()}
    logits = (formula("input", (6, 10)).double() - 0.5) * 20
    some, others = torch.tensor([0, 1, 2, 3, 4, 5]), torch.tensor([9, 8, 7, 6, 5, 4])
    apgd, targeted = torchattacks.APGD(model), torchattacks.APGDT(model)
    tensors |= {
        "loss.margin": margin(logits, some),
        "loss.dlr": apgd.dlr_loss(logits, some),
        # The authors raise what we lower.
        "loss.targeted_dlr": -targeted.dlr_loss_targeted(logits, some, others),
    }
    save(
        out,
        "attacks_small",
        tensors,
        "tanh(x A) B with A, 3 B, and pictures by formula (small.first.weight [192, 32], small.second.weight "
        "[32, 10], input [4, 3, 8, 8]). <run>.pixels, .prediction, .loss (cross-entropy for labels or targets); the "
        f"script says how each run is made; starts are our noise with the seed {SEED}. loss.*: losses of the logits "
        "(u - 0.5) * 20, input [6, 10], for the labels 0 to 5 and the targets 9 to 4",
    )


def make_flowers(out: Path, weights: Path) -> None:
    """`attacks_flowers`: a few steps on the shipped network at 64 x 64."""
    model = load_packed(weights).double().eval()
    with safe_open(HERE / "mobilenet_v2_flowers.safetensors", "pt") as pictures:
        pixels = pictures.get_tensor("input64.u8").double().unsqueeze(0) / 255
    label, target = torch.tensor([DANDELION]), torch.tensor([TULIPS])
    linf = foolbox.attacks.LinfProjectedGradientDescentAttack
    near = noise("linf", 0.5 / 255, SEED, 0, tuple(pixels.shape))
    runs = {
        "foolbox.pgd.targeted": (
            target,
            by_foolbox(linf, model, pixels, target, epsilon=0.5 / 255, step_size=0.125 / 255, steps=5, targeted=True,
                       start=near)),
        "torchattacks.l2": (
            label,
            by_torchattacks(torchattacks.PGDL2(model, eps=0.25, alpha=0.0625, steps=5, random_start=False), pixels,
                            label)),
    }
    tensors = {}
    for name, (wanted, adversarial) in runs.items():
        found = outcome(model, adversarial, wanted)
        print(f"{name}: {found['prediction'].tolist()} loss {found['loss'].tolist()}")
        tensors |= {f"{name}.{key}": value for key, value in found.items()}
    save(
        out,
        "attacks_flowers",
        tensors,
        "shipped int8 flowers model, dequantised, on input64.u8 of mobilenet_v2_flowers: targeted at tulips in Linf, "
        "away from dandelion in L2, 5 steps each; the script says how",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--flowers", type=Path, default=ROOT / "models" / "mobilenet_v2_flowers" / "model.safetensors"
    )
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    torch.set_num_threads(1)
    make_small(options.out)
    make_flowers(options.out, options.flowers)


if __name__ == "__main__":
    main()

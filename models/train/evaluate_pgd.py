"""Accuracy of EfficientNet-Lite0 on the validation pictures, clean and under PGD, as metrics.json.

The weights attacked are the int8 ones as shipped, dequantised; model and attack work on pixels
in [0, 1] at the model's side. A picture counts as robust at an epsilon if it is classified
rightly when clean and after every step of every restart, there and at every smaller epsilon of
the same norm: the larger ball contains the smaller one, so what was found there is found here.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch
from torch import Tensor, nn

from evaluate import accuracy, wilson
from flowers import LABELS, Pictures, page_square, load_split
from layers import read_safetensors
from pgd import Attack, succeeds
from quantise import load_packed, network_of
from training import WATCHED, validation_order

STEPS, RESTARTS = 20, 3
STEP_SHARE = 2.5 / STEPS  # of epsilon: the steps together could cross the ball more than once
EPSILONS = {"linf": [n / 255 for n in (0.5, 1, 2, 4, 8)], "l2": [0.5, 1.0]}
TARGETED_EPSILONS = [n / 255 for n in (1, 2, 4)]
SOURCE, TARGET = LABELS.index("dandelion"), LABELS.index("tulips")


def attack_of(norm: str, epsilon: float, target: int | None = None) -> Attack:
    """The evaluation's attack at one epsilon."""
    return Attack(norm, epsilon, STEP_SHARE * epsilon, STEPS, target)


def interval(count: int, n: int) -> dict[str, float]:
    """Bounds of Wilson's 95 % interval."""
    low, high = wilson(count / n, n)
    return {"low": round(low, 4), "high": round(high, 4)}


def right_ones(model: nn.Module, pictures: Pictures) -> tuple[Tensor, Tensor]:
    """Pixels f32 and labels of the pictures that are classified rightly."""
    pixels = (pictures.pixels.float() / 255).contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        logits = torch.cat([model(part) for part in pixels.split(32)])
    right = logits.argmax(1) == pictures.labels
    return pixels[right], pictures.labels[right]


def robust_accuracies(model: nn.Module, pictures: Pictures, seed: int) -> list[dict[str, object]]:
    """One entry for each norm and epsilon, smallest epsilon first."""
    found: list[dict[str, object]] = []
    for norm, epsilons in EPSILONS.items():
        pixels, labels = right_ones(model, pictures)
        for epsilon in epsilons:
            random = torch.Generator().manual_seed(seed)
            fallen = succeeds(model, pixels, labels, attack_of(norm, epsilon), RESTARTS, random)
            pixels, labels = pixels[~fallen], labels[~fallen]
            entry = {"attack": f"pgd-{STEPS}x{RESTARTS}", "norm": norm, "epsilon": round(epsilon, 5)}
            entry |= {"accuracy": round(len(labels) / len(pictures), 4), **interval(len(labels), len(pictures))}
            found.append(entry | {"weights": "int8", "n": len(pictures)})
            print(json.dumps(found[-1]), flush=True)
    return found


def targeted_successes(model: nn.Module, pictures: Pictures, seed: int) -> list[dict[str, object]]:
    """How many of the rightly classified `SOURCE` pictures become `TARGET`, smallest epsilon first."""
    pixels, labels = right_ones(model, pictures.take((pictures.labels == SOURCE).nonzero().flatten()))
    total, count = len(labels), 0
    found: list[dict[str, object]] = []
    for epsilon in TARGETED_EPSILONS:
        random = torch.Generator().manual_seed(seed)
        done = succeeds(model, pixels, labels, attack_of("linf", epsilon, TARGET), 1, random)
        pixels, labels, count = pixels[~done], labels[~done], count + int(done.sum())
        entry = {"attack": f"pgd-{STEPS}x1", "norm": "linf", "epsilon": round(epsilon, 5)}
        entry |= {"from": LABELS[SOURCE], "to": LABELS[TARGET], "success": round(count / total, 4)}
        found.append(entry | interval(count, total) | {"n": total, "weights": "int8"})
        print(json.dumps(found[-1]), flush=True)
    return found


def smallest_targeted(model: nn.Module, picture: Tensor, seed: int, largest: int = 16) -> dict[str, object]:
    """The smallest Linf epsilon, in quarters of 1/255, at which `picture`, u8 [3, h, w], becomes `TARGET`.

    Found by bisection. `n_of_255` is None where not even `largest`/255 does it.
    """
    pixels, labels = picture.unsqueeze(0).float() / 255, torch.tensor([SOURCE])
    with torch.no_grad():
        probabilities = model(pixels).softmax(1)[0]
    found: dict[str, object] = {
        "clean": LABELS[int(probabilities.argmax())],
        "clean_probability": round(float(probabilities[SOURCE]), 4),
        "target": LABELS[TARGET],
        "n_of_255": None,
    }

    def falls(quarters: int) -> bool:
        random = torch.Generator().manual_seed(seed)
        attack = attack_of("linf", quarters / 4 / 255, TARGET)
        return bool(succeeds(model, pixels, labels, attack, RESTARTS, random).item())

    stands, fallen = 0, 4 * largest
    if not falls(fallen):
        return found
    while fallen - stands > 1:
        middle = (stands + fallen) // 2
        stands, fallen = (stands, middle) if falls(middle) else (middle, fallen)
    return found | {"n_of_255": fallen / 4}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with val/")
    parser.add_argument("--float", type=Path, required=True, help="the trained f32 weights")
    parser.add_argument("--packed", type=Path, required=True, help="the int8 weights as shipped")
    parser.add_argument("--photos", type=Path, required=True, help="the page's folder of photographs")
    parser.add_argument("--curves", type=Path, required=True, help="curves.json of the training")
    parser.add_argument("--side", type=int, default=160, help="side of the pictures")
    parser.add_argument("--subset", type=int, help="attack only this many pictures, none of which was watched in training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--machine", default="2-core x86-64 processor, one thread")
    parser.add_argument("--out", type=Path, required=True, help="metrics.json to write")
    options = parser.parse_args()
    torch.set_num_threads(1)
    start = time.perf_counter()

    val = load_split(options.data, "val").resized(options.side)
    unwatched = validation_order(len(val))[WATCHED:]
    attacked = val.take(unwatched[: options.subset].sort().values) if options.subset else val
    plain = network_of(read_safetensors(options.float)).to(memory_format=torch.channels_last)
    packed = load_packed(options.packed).to(memory_format=torch.channels_last)
    for parameter in packed.parameters():
        parameter.requires_grad_(False)
    clean = {"f32": round(accuracy(plain, val), 4), "int8": round(accuracy(packed, val), 4)}
    print(json.dumps(clean), flush=True)
    lesson = page_square(options.photos, "dandelion", options.side)
    dandelion = smallest_targeted(packed, lesson, options.seed)
    print(json.dumps(dandelion), flush=True)
    targeted = targeted_successes(packed, val, options.seed)
    robust = robust_accuracies(packed, attacked, options.seed)
    curves = json.loads(options.curves.read_text())
    metrics = {
        "clean": clean,
        "robust": robust,
        "targeted": targeted,
        "dandelion": dandelion,
        "attack": {
            "loss": "cross_entropy",
            "steps": STEPS,
            "step_size": f"{STEP_SHARE} * epsilon",
            "restarts": RESTARTS,
            "restarts_targeted": 1,
            "random_start": "uniform in the ball",
            "early_stop": "a picture is done at the first step that succeeds",
            "worst_case_over_smaller_epsilons": True,
            "input_size": options.side,
            "l2_unit": "Euclidean length over all values of a picture in [0, 1]",
        },
        "data": "flowers/val",
        "n": len(val),
        "n_attacked": len(attacked),
        "size_bytes": options.packed.stat().st_size,
        "seed": options.seed,
        "seconds": round(sum(epoch["seconds"] for epoch in curves)),
        "evaluation_seconds": round(time.perf_counter() - start),
        "machine": options.machine,
        "curves": curves,
    }
    options.out.write_text(json.dumps(metrics, indent=1) + "\n")


if __name__ == "__main__":
    main()

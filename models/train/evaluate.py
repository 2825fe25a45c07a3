"""Clean and FGSM accuracy of a MobileNetV2 on the validation pictures, as metrics.json."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from fgsm import input_gradient, step
from flowers import LABELS, Pictures, page_square, load_split
from layers import read_safetensors
from mobilenet_v2 import MobileNetV2
from quantise import load_packed


def accuracy(model: nn.Module, pictures: Pictures, batch: int = 25) -> float:
    """Share of the pictures whose largest logit is their label's."""
    model.eval()
    right = 0
    with torch.no_grad():
        for pixels, labels in pictures.batches(batch):
            right += int((model(pixels).argmax(1) == labels).sum())
    return right / len(pictures)


def fgsm_accuracies(
    model: MobileNetV2, pictures: Pictures, epsilons: Sequence[float], batch: int = 25
) -> tuple[float, list[float]]:
    """Clean accuracy, and the share still right after one FGSM step for each epsilon (pixel units).

    The step leads away from the true label; its gradient is that of the clean picture,
    so that one serves every epsilon.
    """
    model.eval()
    clean, right = 0, [0] * len(epsilons)
    for pixels, labels in pictures.batches(batch):
        logits, gradient = input_gradient(model, pixels, labels)
        clean += int((logits.argmax(1) == labels).sum())
        for index, epsilon in enumerate(epsilons):
            with torch.no_grad():
                attacked = model(step(pixels, gradient, epsilon))
            right[index] += int((attacked.argmax(1) == labels).sum())
    return clean / len(pictures), [count / len(pictures) for count in right]


def wilson(right: float, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's 95 % interval of a share `right` of `n`."""
    centre = (right + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(right * (1 - right) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def smallest_flip(model: MobileNetV2, picture: Tensor, label: int, largest: int = 16) -> dict[str, object]:
    """The smallest FGSM epsilon, in quarters of 1/255, at which `picture` is no longer `label`.

    `picture` is u8 [3, h, w]. `n_of_255` is None where nothing up to `largest`/255 does it.
    """
    model.eval()
    pixels, labels = picture.unsqueeze(0).float() / 255, torch.tensor([label])
    logits, gradient = input_gradient(model, pixels, labels)
    found: dict[str, object] = {
        "clean": LABELS[int(logits.argmax())],
        "clean_probability": round(float(logits.softmax(1)[0, label]), 4),
        "n_of_255": None,
    }
    for quarter in range(1, 4 * largest + 1):
        with torch.no_grad():
            attacked = model(step(pixels, gradient, quarter / 4 / 255))[0]
        if int(attacked.argmax()) != label:
            return found | {"n_of_255": quarter / 4, "becomes": LABELS[int(attacked.argmax())]}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with val/")
    parser.add_argument("--float", type=Path, required=True, help="the trained f32 weights")
    parser.add_argument("--packed", type=Path, required=True, help="the int8 weights as shipped")
    parser.add_argument("--photos", type=Path, required=True, help="the page's folder of photographs")
    parser.add_argument("--curves", type=Path, required=True, help="curves.json of the training")
    parser.add_argument("--seed", type=int, default=0, help="the training's seed")
    parser.add_argument("--machine", default="2-core x86-64 CPU, one thread")
    parser.add_argument("--out", type=Path, required=True, help="metrics.json to write")
    options = parser.parse_args()
    torch.set_num_threads(1)

    val = load_split(options.data, "val")
    plain = MobileNetV2(len(LABELS))
    plain.load_state_dict(read_safetensors(options.float))
    packed = load_packed(options.packed)
    plain, packed = (m.to(memory_format=torch.channels_last) for m in (plain, packed))
    curves = json.loads(options.curves.read_text())
    epsilons = [n / 255 for n in (1, 2, 4, 8)]
    packed_clean, shares = fgsm_accuracies(packed, val, epsilons)
    clean = {"f32": round(accuracy(plain, val), 4), "int8": round(packed_clean, 4)}
    print(clean, flush=True)
    robust = []
    for epsilon, share in zip(epsilons, shares, strict=True):
        low, high = wilson(share, len(val))
        robust.append(
            {
                "attack": "fgsm",
                "norm": "linf",
                "epsilon": round(epsilon, 5),
                "accuracy": round(share, 4),
                "low": round(low, 4),
                "high": round(high, 4),
                "weights": "int8",
            }
        )
        print(robust[-1], flush=True)
    metrics = {
        "clean": clean,
        "robust": robust,
        "data": "flowers/val",
        "n": len(val),
        "size_bytes": options.packed.stat().st_size,
        "seed": options.seed,
        "seconds": round(sum(epoch["seconds"] for epoch in curves)),
        "machine": options.machine,
        "dandelion": smallest_flip(packed, page_square(options.photos, "dandelion"), LABELS.index("dandelion")),
        "curves": curves,
    }
    options.out.write_text(json.dumps(metrics, indent=1) + "\n")
    print(json.dumps(metrics["dandelion"]))


if __name__ == "__main__":
    main()

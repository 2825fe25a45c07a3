"""Times PGD on one of timm's networks and prints `{"first": ms, "times": [ms, ...]}`.

The weights are timm's random ones: they decide nothing about speed. One picture, Linf, random
start, cross-entropy, weights frozen, one read at the end.
"""

from __future__ import annotations

import argparse
import json
import time

import timm
import torch
import torch.nn.functional as F

EPSILON = 2 / 255
STEP_SIZE = EPSILON / 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", help="as timm calls it")
    for name in ("threads", "side", "runs", "steps"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    model = timm.create_model(options.network, num_classes=5).eval().to(memory_format=torch.channels_last)
    model.requires_grad_(False)
    pixels = torch.rand(1, 3, options.side, options.side).contiguous(memory_format=torch.channels_last)
    label = torch.tensor([1])

    def attack() -> float:
        start = time.perf_counter()
        x = (pixels + torch.empty_like(pixels).uniform_(-EPSILON, EPSILON)).clamp(0, 1)
        for _ in range(options.steps):
            x.requires_grad_(True)
            loss = F.cross_entropy(model(x * 2 - 1), label)
            (gradient,) = torch.autograd.grad(loss, x)
            with torch.no_grad():
                x = x + STEP_SIZE * gradient.sign()
                x = torch.minimum(torch.maximum(x, pixels - EPSILON), pixels + EPSILON).clamp(0, 1)
        x.numpy()
        return (time.perf_counter() - start) * 1000

    first, *times = [attack() for _ in range(options.runs + 1)]
    print(json.dumps({"first": first, "times": times}))


if __name__ == "__main__":
    main()

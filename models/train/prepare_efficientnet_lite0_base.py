"""The base model that the three EfficientNet-Lite0 flower models start from.

1. The published backbone has its batch norms folded away. Training needs them back: with the
   mean and variance of each convolution's outputs over the training pictures, a norm with
   gamma = sqrt(var + eps) and beta = mean leaves the function as it was.
2. The head is fitted anew on the backbone's features (L-BFGS), from zero. The head in the
   source file, if there is one, is not read. The penalty keeps the logits small: a model that
   is sure of everything gives adversarial training a loss it takes epochs to recover from.

Both on whole pictures at the side at which the models are shipped.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from efficientnet_lite0 import BN_EPS, HEAD, EfficientNetLite0, convolutions, fold, norm_of
from evaluate import accuracy
from flowers import LABELS, Pictures, load_split
from layers import Conv, read_safetensors
from training import fit_head

Moments = dict[str, tuple[Tensor, Tensor]]


def moments_and_features(model: EfficientNetLite0, pictures: Pictures) -> tuple[Moments, Tensor]:
    """Mean and variance f64 [channels] of each convolution's outputs, and the features [n, 1280]."""
    sums = {name: [0.0, 0.0, 0] for name, module in model.named_modules() if isinstance(module, Conv)}

    def hook(name: str):
        def add(_module: Conv, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
            total = sums[name]
            total[0] += output.mean((0, 2, 3)).double() * len(output)
            total[1] += output.square().mean((0, 2, 3)).double() * len(output)
            total[2] += len(output)

        return add

    hooks = [module.register_forward_hook(hook(name)) for name, module in model.named_modules() if name in sums]
    model.eval()
    with torch.no_grad():
        features = torch.cat([model.embed(pixels) for pixels, _ in pictures.batches(32)])
    for handle in hooks:
        handle.remove()
    moments = {name: (s / n, (q / n - (s / n).square()).clamp(min=0)) for name, (s, q, n) in sums.items()}
    return moments, features


def with_norms(folded: dict[str, Tensor], moments: Moments) -> dict[str, Tensor]:
    """The folded network's tensors as those of the same function with one norm a convolution.

    The convolution's bias goes into the norm: its mean is that of the outputs without bias.
    """
    state = {name: folded[name] for name in ("classifier.weight", "classifier.bias")}
    for conv in convolutions(folded):
        mean, var = moments[conv]
        norm = f"{norm_of(conv)}.0"
        state[f"{conv}.weight"] = folded[f"{conv}.weight"]
        state[f"{norm}.weight"] = (var + BN_EPS).sqrt().float()
        state[f"{norm}.bias"] = mean.float()
        state[f"{norm}.running_mean"] = (mean - folded[f"{conv}.bias"].double()).float()
        state[f"{norm}.running_var"] = var.float()
        state[f"{norm}.num_batches_tracked"] = torch.tensor(0)
    return state


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and val/")
    parser.add_argument("--backbone", type=Path, required=True, help="timm's names, safetensors or .gz")
    parser.add_argument("--side", type=int, default=160, help="side of the pictures, a multiple of 32")
    parser.add_argument("--penalty", type=float, default=1e-2, help="on the head's squared weights")
    parser.add_argument("--out", type=Path, required=True, help="base model to write, safetensors")
    options = parser.parse_args()
    torch.set_num_threads(1)
    start = time.perf_counter()
    train, val = (load_split(options.data, split).resized(options.side) for split in ("train", "val"))

    source = read_safetensors(options.backbone)
    source["classifier.weight"] = torch.zeros(len(LABELS), HEAD)
    source["classifier.bias"] = torch.zeros(len(LABELS))
    plain = EfficientNetLite0(len(LABELS)).to(memory_format=torch.channels_last)
    plain.load_state_dict(fold(source))
    moments, features = moments_and_features(plain, train)
    fit_head(plain.classifier, features, train.labels, options.penalty)

    state = with_norms(plain.state_dict(), moments)
    normed = EfficientNetLite0(len(LABELS), branches=1)
    normed.load_state_dict(state)
    pixels, _ = next(val.batches(32))
    with torch.no_grad():
        difference = (normed.eval()(pixels) - plain(pixels)).abs().max().item()
    if difference > 1e-3:
        raise SystemExit(f"the norms change the logits by {difference}")
    found = {
        "side": options.side,
        "accuracy": accuracy(plain, val),
        "largest_change_of_logits": difference,
        "seconds": round(time.perf_counter() - start, 1),
    }
    print(json.dumps(found))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    save_file(
        {name: tensor.contiguous() for name, tensor in state.items()},
        options.out,
        metadata={name: str(value) for name, value in found.items()},
    )


if __name__ == "__main__":
    main()

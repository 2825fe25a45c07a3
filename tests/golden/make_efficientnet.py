"""Writes the golden numbers of EfficientNet that the Rust tests compare with.

timm's networks in float64 with weights rounded to f32, stored as f32. `README.md` beside
this file says what each file holds. Run from anywhere, with models/train/requirements.txt
installed:

    python tests/golden/make_efficientnet.py --lite0 efficientnet_lite0_flowers5.safetensors.gz

Without `--lite0` the reference file is not written. Its pictures are those of
`mobilenet_v2_flowers`, which has to be there.
"""

from __future__ import annotations

import argparse
import copy
import gzip
import sys
from pathlib import Path

import timm
import torch
from safetensors import safe_open
from safetensors.torch import load as load_safetensors
from safetensors.torch import save_file
from torch import Tensor, nn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "models" / "train"))

from fgsm import input_gradient  # noqa: E402
from formula import formula, formula_state  # noqa: E402

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
HALF = (0.5, 0.5, 0.5)
CLASSES = 10
# The weights of a norm are multiplied by this. Squeeze-and-excitation halves the channels, so
# without it little of the picture is left in the end, and with more the network is chaotic: these
# make the logits about as large as a trained network's.
GAINS = {"b0": 1.04, "b1": 1.01, "symmetric": 1.08, "lite0": 1.0}
# Every so many rows and columns of the 224 px gradient are kept.
SPARSE = 3


class Normalised(nn.Module):
    """A network that takes pixels in [0, 1] and normalises them first."""

    def __init__(self, network: nn.Module, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float64).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float64).view(1, 3, 1, 1))

    def forward(self, pixels: Tensor) -> Tensor:
        return self.network((pixels - self.mean) / self.std)


def by_formula(key: str, name: str, mean: tuple[float, ...], std: tuple[float, ...]) -> nn.Module:
    """One of timm's networks with the formula's weights."""
    network = timm.create_model(name, num_classes=CLASSES)
    network.load_state_dict(formula_state(network, GAINS[key]), strict=False)
    return Normalised(network, mean, std).double().eval()


def save(out: Path, name: str, tensors: dict[str, Tensor], about: str) -> None:
    """Writes one golden file, f64 rounded to f32."""
    rounded = {k: (t.float() if t.dtype == torch.float64 else t).contiguous() for k, t in tensors.items()}
    path = out / f"{name}.safetensors"
    save_file(rounded, path, metadata={"about": f"{about}. Made by tests/golden/make_efficientnet.py"})
    path.chmod(0o644)


def make_formula(out: Path) -> None:
    """`efficientnet_formula`: networks whose weights follow the formula."""
    square, oblong = formula("input", (2, 3, 64, 64)).double(), formula("input", (1, 3, 96, 80)).double()
    labels = torch.tensor([0, 1])
    models = {
        "b0": by_formula("b0", "tf_efficientnet_b0", IMAGENET_MEAN, IMAGENET_STD),
        "lite0": by_formula("lite0", "tf_efficientnet_lite0", HALF, HALF),
        "b1": by_formula("b1", "tf_efficientnet_b1", HALF, HALF),
        "symmetric": by_formula("symmetric", "efficientnet_b0", HALF, HALF),
    }
    tensors: dict[str, Tensor] = {}
    for key in ("b0", "lite0"):
        tensors[f"{key}.logits"], tensors[f"{key}.gradient"] = input_gradient(models[key], square, labels)
    with torch.no_grad():
        for key, model in models.items():
            tensors[f"{key}.logits96x80"] = model(oblong)
    with safe_open(HERE / "mobilenet_v2_flowers.safetensors", "pt") as pictures:
        photograph = pictures.get_tensor("input64.u8").double().unsqueeze(0) / 255
    for key in ("b0", "lite0"):
        with torch.no_grad():
            label = models[key](photograph).argmax(1)
        logits, gradient = input_gradient(models[key], photograph, label)
        tensors |= {f"{key}.label64": label, f"{key}.logits64": logits, f"{key}.gradient64": gradient}
    for key, tensor in tensors.items():
        if "logits" in key:
            print(f"{key}: up to {tensor.abs().max():.2f}")
    save(
        out,
        "efficientnet_formula",
        tensors,
        f"timm's networks with weights and pictures by formula (see formula.py), gains {GAINS}. b0: tf_efficientnet_b0, "
        "ImageNet mean and std; b1: tf_efficientnet_b1, symmetric: efficientnet_b0, lite0: tf_efficientnet_lite0, all "
        "with mean and std 0.5. logits and gradient: labels 0 and 1, loss summed; logits96x80: h = 96, w = 80; suffix 64: "
        "input64.u8 of mobilenet_v2_flowers, label = top-1",
    )


def make_reference(out: Path, lite0: Path) -> None:
    """`efficientnet_lite0_reference`: the reference backbone with the formula's classifier, on the dandelion."""
    state = load_safetensors(gzip.decompress(lite0.read_bytes()))
    network = timm.create_model("tf_efficientnet_lite0", num_classes=CLASSES)
    for name in ("classifier.weight", "classifier.bias"):
        state[name] = formula(name, tuple(network.state_dict()[name].shape))
    missing, unexpected = network.load_state_dict({k: v.float() for k, v in state.items()}, strict=False)
    if unexpected or any(not name.endswith("num_batches_tracked") for name in missing):
        raise SystemExit(f"{lite0}: missing {missing}, unexpected {unexpected}")
    model = Normalised(network, HALF, HALF).double().eval()
    single = copy.deepcopy(model).float()
    tensors: dict[str, Tensor] = {}
    with safe_open(HERE / "mobilenet_v2_flowers.safetensors", "pt") as pictures:
        for suffix in ("", "64"):
            pixels = pictures.get_tensor(f"input{suffix}.u8").double().unsqueeze(0) / 255
            with torch.no_grad():
                label = model(pixels).argmax(1)
            logits, gradient = input_gradient(model, pixels, label)
            rounded = input_gradient(single, pixels.float(), label)
            tensors |= {f"label{suffix}": label, f"logits{suffix}": logits}
            tensors[f"gradient{suffix}"] = gradient if suffix else gradient[:, :, ::SPARSE, ::SPARSE]
            error = (rounded[1].double() - gradient).norm() / gradient.norm()
            print(f"{suffix}: PyTorch's f32 logits off by {(rounded[0] - logits).abs().max():.1e} of up to "
                  f"{logits.abs().max():.1f}, gradient by {error:.1e}")
    save(
        out,
        "efficientnet_lite0_reference",
        tensors,
        "reference Lite0 backbone with the formula's classifier for 10 classes, mean and std 0.5, on the pictures of "
        f"mobilenet_v2_flowers; label = top-1; gradient: every {SPARSE}rd row and column; suffix 64: at 64 x 64, whole",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lite0", type=Path, help="reference Lite0 weights; without them, no reference file")
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    torch.set_num_threads(1)
    make_formula(options.out)
    if options.lite0:
        make_reference(options.out, options.lite0)


if __name__ == "__main__":
    main()

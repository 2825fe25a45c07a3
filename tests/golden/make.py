"""Writes the golden numbers that the Rust and browser tests compare with.

Everything is computed by PyTorch in float64 from weights rounded to f32, and stored as
f32, so that the numbers are exact to the last stored digit and do not depend on the
machine. `README.md` beside this file says what each file holds.

Run from anywhere, with models/train/requirements.txt installed:

    python tests/golden/make.py --base mobilenet_v2_imagenet_tf2ptq.safetensors.gz --photos photos/
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import timm
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision.models import mobilenet_v2

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "models" / "train"))

from fgsm import input_gradient, step  # noqa: E402
from formula import formula, formula_state  # noqa: E402
from flowers import LABELS, centre_square  # noqa: E402
from mobilenet_v2 import MobileNetV2, fold_batch_norm, load_base  # noqa: E402
from quantise import load_packed  # noqa: E402

DANDELION = "dandelion_seeding_by_Clemens_Engelhardt.jpg"
CAT = "chelsea.png"
SIDES = {224: "", 64: "64"}
EPSILONS = {"e2": 2 / 255, "e8": 8 / 255}
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class Normalised(nn.Module):
    """A network that takes pixels in [0, 1] and normalises them first."""

    def __init__(self, network: nn.Module, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        super().__init__()
        self.network = network
        self.mean = torch.tensor(mean, dtype=torch.float64).view(1, 3, 1, 1)
        self.std = torch.tensor(std, dtype=torch.float64).view(1, 3, 1, 1)

    def forward(self, pixels: Tensor) -> Tensor:
        return self.network((pixels - self.mean) / self.std)


def pictures(path: Path) -> dict[str, Tensor]:
    """`input.u8` and `input64.u8`: the picture as u8 [3, side, side]."""
    return {f"input{suffix}.u8": centre_square(path, side) for side, suffix in SIDES.items()}


def pixels_of(picture: Tensor) -> Tensor:
    """u8 [3, h, w] to f64 [1, 3, h, w] in [0, 1]."""
    return picture.double().unsqueeze(0) / 255


def save(out: Path, name: str, tensors: dict[str, Tensor], about: str) -> None:
    """Writes one golden file, f64 rounded to f32."""
    rounded = {k: (t.float() if t.dtype == torch.float64 else t).contiguous() for k, t in tensors.items()}
    path = out / f"{name}.safetensors"
    save_file(rounded, path, metadata={"about": f"{about}. Made by tests/golden/make.py"})
    path.chmod(0o644)


def gradients(model: nn.Module, inputs: dict[str, Tensor], label: int | None) -> dict[str, Tensor]:
    """Logits, label and pixel gradient at both sizes; the label is the top-1 unless given."""
    tensors = dict(inputs)
    for suffix in SIDES.values():
        pixels = pixels_of(inputs[f"input{suffix}.u8"])
        with torch.no_grad():
            target = model(pixels).argmax(1) if label is None else torch.tensor([label])
        tensors[f"label{suffix}"] = target
        tensors[f"logits{suffix}"], tensors[f"gradient{suffix}"] = input_gradient(model, pixels, target)
    return tensors


def make_flowers(out: Path, photos: Path, weights: Path) -> None:
    """`mobilenet_v2_flowers` and `fgsm`: the shipped model on the dandelion."""
    model = load_packed(weights).double()
    inputs = pictures(photos / DANDELION)
    label = LABELS.index("dandelion")
    tensors = gradients(model, inputs, label)
    save(
        out,
        "mobilenet_v2_flowers",
        tensors,
        "shipped int8 flowers model, dequantised, on the dandelion; pixels = u8 / 255; gradient of the "
        "cross-entropy for `label` by the pixels; suffix 64: the same at 64 x 64",
    )
    attacked: dict[str, Tensor] = {"sign64": tensors["gradient64"].sign().to(torch.int8)}
    for suffix in SIDES.values():
        pixels = pixels_of(inputs[f"input{suffix}.u8"])
        for key, epsilon in EPSILONS.items():
            adversarial = step(pixels, tensors[f"gradient{suffix}"], epsilon)
            with torch.no_grad():
                attacked[f"logits{suffix}.{key}"] = model(adversarial)
    save(
        out,
        "fgsm",
        attacked,
        "one FGSM step away from dandelion on the inputs of mobilenet_v2_flowers: "
        "clip(x + epsilon * sign(gradient), 0, 1), e2 = 2/255, e8 = 8/255; logits of the attacked picture",
    )


def make_reference(out: Path, photos: Path, base: Path) -> None:
    """`mobilenet_v2_reference`: the ImageNet base weights on the cat."""
    model = load_base(base, 1000).double().eval()
    tensors = gradients(model, pictures(photos / CAT), None)
    tensors["top5"] = tensors["logits"].topk(5, dim=1).indices
    save(
        out,
        "mobilenet_v2_reference",
        tensors,
        "ImageNet base weights (torchvision names, SAME padding, pixels * 2 - 1) on the cat; label = top-1; "
        "gradient of the cross-entropy for `label` by the pixels; suffix 64: the same at 64 x 64",
    )


def make_formula(out: Path) -> None:
    """`mobilenet_v2_formula`: networks whose weights follow the formula."""
    square, oblong = formula("input", (2, 3, 64, 64)).double(), formula("input", (1, 3, 96, 80)).double()
    network = timm.create_model("mobilenetv2_100", num_classes=10)
    network.load_state_dict(formula_state(network), strict=False)
    model = Normalised(network, IMAGENET_MEAN, IMAGENET_STD).double().eval()
    logits, gradient = input_gradient(model, square, torch.tensor([0, 1]))

    named = mobilenet_v2(num_classes=10)
    same = MobileNetV2(10)
    same.load_state_dict(fold_batch_norm(formula_state(named)))
    same.double().eval()
    with torch.no_grad():
        tensors = {
            "logits": logits,
            "gradient": gradient,
            "logits96x80": model(oblong),
            "same.logits": same(square),
            "same.logits96x80": same(oblong),
        }
    save(
        out,
        "mobilenet_v2_formula",
        tensors,
        "weights and pictures by formula (see formula.py). logits, gradient (labels 0 and 1, loss summed), "
        "logits96x80 (h = 96, w = 80): timm names, batch norm, symmetric padding, ImageNet mean and std. "
        "same.*: torchvision names, batch norm, SAME padding, mean and std 0.5",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, help="ImageNet base weights; without it, no reference file")
    parser.add_argument("--photos", type=Path, help="folder with the dandelion and the cat")
    parser.add_argument(
        "--flowers", type=Path, default=ROOT / "models" / "mobilenet_v2_flowers" / "model.safetensors"
    )
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    torch.set_num_threads(1)
    make_formula(options.out)
    if options.photos and options.base:
        make_reference(options.out, options.photos, options.base)
    if options.photos and options.flowers.exists():
        make_flowers(options.out, options.photos, options.flowers)


if __name__ == "__main__":
    main()

"""MobileNetV2 1.0 with batch norm folded away: convolution + bias, ReLU6.

Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks" (2018).
Tensor names are torchvision's convolution names (`features.2.conv.0.0.weight`,
`classifier.1.bias`, ...), with a bias on every convolution and no batch norm.
The network takes pixels, f32 [n, 3, h, w] in [0, 1], and normalises them itself,
so that attacks and gradients live in pixel units.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from layers import Conv, read_safetensors

# expansion, output channels, repeats, stride of the first repeat (table 2 of the paper)
BLOCKS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
STEM = 32
HEAD = 1280
BN_EPS = 1e-5  # torchvision's default, the one the base weights were written for


def activated(conv: Conv) -> nn.Sequential:
    """A convolution followed by ReLU6; the convolution is child `0`, as in torchvision."""
    return nn.Sequential(conv, nn.ReLU6(inplace=True))


class InvertedResidual(nn.Module):
    """Expand (1x1), filter (3x3 depthwise), project (1x1, linear), and add where shapes allow."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int, *, same: bool) -> None:
        super().__init__()
        hidden = inputs * expansion
        layers: list[nn.Module] = []
        if expansion != 1:
            layers.append(activated(Conv(inputs, hidden, 1)))
        layers.append(activated(Conv(hidden, hidden, 3, stride, groups=hidden, same=same)))
        layers.append(Conv(hidden, outputs, 1))
        self.conv = nn.Sequential(*layers)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.residual else self.conv(x)


class MobileNetV2(nn.Module):
    """Pixels f32 [n, 3, h, w] in [0, 1] to logits [n, classes]."""

    NAME = "MobileNetV2 1.0"

    def __init__(
        self,
        classes: int,
        *,
        mean: tuple[float, float, float] = (0.5, 0.5, 0.5),
        std: tuple[float, float, float] = (0.5, 0.5, 0.5),
        same: bool = True,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = [activated(Conv(3, STEM, 3, 2, same=same))]
        channels = STEM
        for expansion, outputs, repeats, stride in BLOCKS:
            for index in range(repeats):
                layers.append(
                    InvertedResidual(channels, outputs, stride if index == 0 else 1, expansion, same=same)
                )
                channels = outputs
        layers.append(activated(Conv(channels, HEAD, 1)))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(HEAD, classes))
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)

    def embed(self, pixels: Tensor) -> Tensor:
        """Pixels to the averaged features [n, 1280] that the classifier reads."""
        return self.features((pixels - self.mean) / self.std).mean((2, 3))

    def forward(self, pixels: Tensor) -> Tensor:
        return self.classifier(self.embed(pixels))


def fold_batch_norm(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """torchvision's `mobilenet_v2` tensors to the folded network's.

    A norm follows its convolution as the next child: `a.0` and `a.1`, or `a.conv.2` and
    `a.conv.3`. w' = w * gamma / sqrt(var + eps), b' = beta - mean * gamma / sqrt(var + eps).
    """
    folded: dict[str, Tensor] = {}
    for name, weight in state.items():
        if not name.endswith(".weight") or weight.dim() != 4:
            continue
        conv = name.removesuffix(".weight")
        parent, child = conv.rsplit(".", 1)
        norm = f"{parent}.{int(child) + 1}"
        gamma = state[f"{norm}.weight"].double() / (state[f"{norm}.running_var"].double() + BN_EPS).sqrt()
        folded[name] = (weight.double() * gamma.view(-1, 1, 1, 1)).float()
        shift = state[f"{norm}.bias"].double() - state[f"{norm}.running_mean"].double() * gamma
        folded[f"{conv}.bias"] = shift.float()
    for name in ("classifier.1.weight", "classifier.1.bias"):
        folded[name] = state[name]
    return folded


def load_base(path: Path, classes: int, *, dropout: float = 0.2) -> MobileNetV2:
    """A network with the base weights of `path`; a fresh zero head unless it has `classes` rows."""
    folded = fold_batch_norm(read_safetensors(path))
    model = MobileNetV2(classes, dropout=dropout)
    if folded["classifier.1.weight"].shape[0] != classes:
        folded["classifier.1.weight"] = torch.zeros(classes, HEAD)
        folded["classifier.1.bias"] = torch.zeros(classes)
    model.load_state_dict(folded)
    return model

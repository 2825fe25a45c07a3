"""EfficientNet-Lite0, with batch norm as it is trained or without as it is shipped.

Tan and Le, "EfficientNet: Rethinking Model Scaling" (2019); the Lite family leaves out
squeeze-and-excitation and uses ReLU6. Tensor names are timm's (`blocks.1.0.conv_dw.weight`,
`classifier.bias`, ...). The network takes pixels, f32 [n, 3, h, w] in [0, 1], and computes
x * 2 - 1 itself, so that attacks and gradients live in pixel units.

A convolution is followed by one batch norm for each of `branches`, one of which is active:

- none: the shipped network, its norms folded into the convolutions' biases;
- one: the usual network;
- two: AdvProp's (Xie et al., "Adversarial Examples Improve Image Recognition", 2020), which
  normalises clean and adversarial pictures apart and shares everything else.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from layers import Conv

# expansion, output channels, repeats, stride of the first repeat, kernel
STAGES = (
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)
STEM = 32
HEAD = 1280
BN_EPS = 1e-3  # TensorFlow's default
MAIN, AUXILIARY = 0, 1


class Norms(nn.ModuleList):
    """Batch norms side by side, of which `active` is used; the identity if there are none."""

    def __init__(self, channels: int, branches: int) -> None:
        super().__init__(nn.BatchNorm2d(channels, BN_EPS) for _ in range(branches))
        self.active = MAIN

    def forward(self, x: Tensor) -> Tensor:
        return self[self.active](x) if len(self) else x


class Block(nn.Module):
    """Expand (1x1), filter (depthwise), project (1x1, linear), and add where shapes allow.

    timm numbers the norms in the order of the convolutions, and calls the projection
    `conv_pw` where there is no expansion.
    """

    def __init__(
        self, inputs: int, outputs: int, stride: int, expansion: int, kernel: int, branches: int
    ) -> None:
        super().__init__()
        hidden, bias = inputs * expansion, branches == 0
        self.expands = expansion != 1
        if self.expands:
            self.conv_pw = Conv(inputs, hidden, 1, bias=bias)
            self.bn1 = Norms(hidden, branches)
            self.conv_dw = Conv(hidden, hidden, kernel, stride, groups=hidden, bias=bias)
            self.bn2 = Norms(hidden, branches)
            self.conv_pwl = Conv(hidden, outputs, 1, bias=bias)
            self.bn3 = Norms(outputs, branches)
        else:
            self.conv_dw = Conv(hidden, hidden, kernel, stride, groups=hidden, bias=bias)
            self.bn1 = Norms(hidden, branches)
            self.conv_pw = Conv(hidden, outputs, 1, bias=bias)
            self.bn2 = Norms(outputs, branches)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        if self.expands:
            y = F.relu6(self.bn1(self.conv_pw(x)))
            y = F.relu6(self.bn2(self.conv_dw(y)))
            y = self.bn3(self.conv_pwl(y))
        else:
            y = F.relu6(self.bn1(self.conv_dw(x)))
            y = self.bn2(self.conv_pw(y))
        return x + y if self.residual else y


class EfficientNetLite0(nn.Module):
    """Pixels f32 [n, 3, h, w] in [0, 1] to logits [n, classes]."""

    NAME = "EfficientNet-Lite0"

    def __init__(self, classes: int, *, branches: int = 0, dropout: float = 0.2) -> None:
        super().__init__()
        bias = branches == 0
        self.conv_stem = Conv(3, STEM, 3, 2, bias=bias)
        self.bn1 = Norms(STEM, branches)
        stages = []
        channels = STEM
        for expansion, outputs, repeats, stride, kernel in STAGES:
            blocks = []
            for index in range(repeats):
                first = stride if index == 0 else 1
                blocks.append(Block(channels, outputs, first, expansion, kernel, branches))
                channels = outputs
            stages.append(nn.Sequential(*blocks))
        self.blocks = nn.Sequential(*stages)
        self.conv_head = Conv(channels, HEAD, 1, bias=bias)
        self.bn2 = Norms(HEAD, branches)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(HEAD, classes)

    def use(self, branch: int) -> None:
        """Makes `MAIN` or `AUXILIARY` the norms that are used and, in training, updated."""
        for module in self.modules():
            if isinstance(module, Norms):
                module.active = branch

    def embed(self, pixels: Tensor) -> Tensor:
        """Pixels to the averaged features [n, 1280] that the classifier reads."""
        x = F.relu6(self.bn1(self.conv_stem(pixels * 2 - 1)))
        return F.relu6(self.bn2(self.conv_head(self.blocks(x)))).mean((2, 3))

    def forward(self, pixels: Tensor) -> Tensor:
        return self.classifier(self.dropout(self.embed(pixels)))


def norm_of(conv: str) -> str:
    """The name of the norm after the convolution `conv`: `blocks.0.0.bn2` for `blocks.0.0.conv_pw`."""
    scope, _, name = conv.rpartition(".")
    order = {"conv_stem": "bn1", "conv_head": "bn2"}
    if scope:
        names = ("conv_dw", "conv_pw") if scope.startswith("blocks.0.") else ("conv_pw", "conv_dw", "conv_pwl")
        order = {name: f"bn{index}" for index, name in enumerate(names, 1)}
    return f"{scope}.{order[name]}".lstrip(".")


def convolutions(state: dict[str, Tensor]) -> list[str]:
    """The names of the convolutions in a state."""
    return [name.removesuffix(".weight") for name, t in state.items() if name.endswith(".weight") and t.dim() == 4]


def fold(state: dict[str, Tensor], norm: str = "") -> dict[str, Tensor]:
    """Tensors with batch norms to the folded network's.

    `norm` comes between a norm's name and its tensors' (`.0` for the main branch of this
    module's states, nothing for timm's). w' = w * gamma / sqrt(var + eps),
    b' = beta - mean * gamma / sqrt(var + eps).
    """
    folded = {name: state[name] for name in ("classifier.weight", "classifier.bias")}
    for conv in convolutions(state):
        prefix = f"{norm_of(conv)}{norm}"
        gamma, beta, mean, var = (
            state[f"{prefix}.{name}"].double() for name in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gamma / (var + BN_EPS).sqrt()
        folded[f"{conv}.weight"] = (state[f"{conv}.weight"].double() * scale.view(-1, 1, 1, 1)).float()
        folded[f"{conv}.bias"] = (beta - mean * scale).float()
    return folded

"""int8 weights, symmetric, one scale for each output channel; biases stay f32.

`<name>.weight` I8 with values in [-127, 127], `<name>.weight.scale` F32 [outputs],
`<name>.bias` F32 [outputs]; the weight used is `weight * scale[output]`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from efficientnet_lite0 import EfficientNetLite0
from layers import read_safetensors
from mobilenet_v2 import MobileNetV2

LARGEST = 127


def quantise_weight(weight: Tensor) -> tuple[Tensor, Tensor]:
    """A weight f32 [outputs, ...] to i8 of the same shape and its scale f32 [outputs]."""
    rows = weight.flatten(1)
    largest = rows.abs().amax(1)
    scale = torch.where(largest > 0, largest / LARGEST, torch.ones_like(largest))
    packed = (rows / scale.unsqueeze(1)).round().clamp(-LARGEST, LARGEST)
    return packed.to(torch.int8).view_as(weight), scale


def quantise(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Folded f32 tensors to the shipped form."""
    packed: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if name.endswith(".weight"):
            packed[name], packed[f"{name}.scale"] = quantise_weight(tensor.contiguous())
        else:
            packed[name] = tensor.contiguous()
    return packed


def dequantise(packed: dict[str, Tensor]) -> dict[str, Tensor]:
    """The shipped form back to f32 tensors."""
    state: dict[str, Tensor] = {}
    for name, tensor in packed.items():
        if name.endswith(".scale"):
            continue
        if tensor.dtype == torch.int8:
            scale = packed[f"{name}.scale"]
            tensor = tensor.float() * scale.view(-1, *[1] * (tensor.dim() - 1))
        state[name] = tensor
    return state


def network_of(state: dict[str, Tensor]) -> MobileNetV2 | EfficientNetLite0:
    """The network whose folded f32 tensors these are, told by the name of the head's bias."""
    if "classifier.bias" in state:
        model: MobileNetV2 | EfficientNetLite0 = EfficientNetLite0(state["classifier.bias"].shape[0])
    else:
        model = MobileNetV2(state["classifier.1.bias"].shape[0])
    model.load_state_dict(state)
    return model.eval()


def load_packed(path: Path) -> MobileNetV2 | EfficientNetLite0:
    """The network of a shipped file, its weights unpacked to f32."""
    return network_of(dequantise(read_safetensors(path)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="folded f32 weights, safetensors")
    parser.add_argument("target", type=Path, help="packed weights to write")
    options = parser.parse_args()
    state = read_safetensors(options.source)
    about = {
        "about": f"{network_of(state).NAME}, batch norm folded, SAME padding, input pixels * 2 - 1; "
        "weight = I8 * scale[output], bias F32"
    }
    save_file(quantise(state), options.target, metadata=about)
    options.target.chmod(0o644)


if __name__ == "__main__":
    main()

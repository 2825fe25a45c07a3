"""Averages two folded f32 files, tensor by tensor: (1 - share) * first + share * second.

Two points of one fine-tuning run lie in one valley of the loss, and so does what is between
them (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from safetensors.torch import save_file
from torch import Tensor

from mobilenet_v2 import read_safetensors


def average(first: dict[str, Tensor], second: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """The weighted mean of two sets of tensors with the same names and shapes."""
    return {name: ((1 - share) * first[name] + share * second[name]).contiguous() for name in first}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--share", type=float, default=0.4, help="of the second")
    options = parser.parse_args()
    first, second = read_safetensors(options.first), read_safetensors(options.second)
    save_file(average(first, second, options.share), options.target)


if __name__ == "__main__":
    main()

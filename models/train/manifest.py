"""Writes `models/manifest.json`: every model the page knows, with size and SHA-256 where known.

Built-in weights are measured from the file; weights on a model hub are described as
their publisher lists them, with a size computed from the architecture.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

MODELS = Path(__file__).resolve().parent.parent
VERSION = 1
# timm's `mobilenetv2_100` in f32 with its 52 norms' statistics and a safetensors header
MOBILENETV2_100_BYTES = 14_184_176


def weights_of(path: str) -> dict[str, object]:
    """Location, size and hash of a file below models/."""
    data = (MODELS / path).read_bytes()
    return {"url": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def built_in_flowers() -> dict[str, object]:
    """MobileNetV2 fine-tuned on five flowers, shipped with the page."""
    return {
        "id": "mobilenet_v2_flowers",
        "title": {"en": "MobileNetV2, five flowers", "vi": "MobileNetV2, năm loài hoa"},
        "tier": "built_in",
        "architecture": "mobilenet_v2",
        "names": "torchvision",
        "input_size": 224,
        "mean": [0.5, 0.5, 0.5],
        "std": [0.5, 0.5, 0.5],
        "padding": "same",
        "num_classes": 5,
        "labels": "mobilenet_v2_flowers/labels.json",
        "weights": weights_of("mobilenet_v2_flowers/model.safetensors"),
        "licence": "Apache-2.0",
        "card": "mobilenet_v2_flowers/CARD.md",
        "metrics": "mobilenet_v2_flowers/metrics.json",
    }


def hub_imagenet() -> dict[str, object]:
    """timm's ImageNet MobileNetV2, fetched from its hub by the learner's browser."""
    return {
        "id": "mobilenetv2_100.ra_in1k",
        "title": {"en": "MobileNetV2, ImageNet (timm)", "vi": "MobileNetV2, ImageNet (timm)"},
        "tier": "hub",
        "architecture": "mobilenet_v2",
        "names": "timm",
        "input_size": 224,
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
        "padding": "symmetric",
        "num_classes": 1000,
        "labels": "labels/imagenet.json",
        "weights": {
            "url": "https://huggingface.co/timm/mobilenetv2_100.ra_in1k/resolve/main/model.safetensors",
            "bytes": MOBILENETV2_100_BYTES,
            "bytes_exact": False,
            "sha256": None,
        },
        "licence": "Apache-2.0",
        "card": None,
        "metrics": None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=MODELS / "manifest.json")
    options = parser.parse_args()
    manifest = {"version": VERSION, "models": [built_in_flowers(), hub_imagenet()]}
    options.out.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

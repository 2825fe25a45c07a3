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

LITE0 = {
    "standard": {"en": "EfficientNet-Lite0, standard", "vi": "EfficientNet-Lite0, huấn luyện thường"},
    "advprop": {"en": "EfficientNet-Lite0, AdvProp", "vi": "EfficientNet-Lite0, AdvProp"},
    "adversarial": {"en": "EfficientNet-Lite0, adversarial", "vi": "EfficientNet-Lite0, huấn luyện đối kháng"},
}


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


def built_in_lite0(method: str, title: dict[str, str]) -> dict[str, object]:
    """EfficientNet-Lite0 trained on five flowers by `method`, shipped with the page."""
    folder = f"efficientnet_lite0_flowers_{method}"
    metrics = json.loads((MODELS / folder / "metrics.json").read_text())
    return {
        "id": folder,
        "title": title,
        "tier": "built_in",
        "architecture": "efficientnet_lite0",
        "names": "timm",
        "input_size": metrics["attack"]["input_size"],
        "mean": [0.5, 0.5, 0.5],
        "std": [0.5, 0.5, 0.5],
        "padding": "same",
        "num_classes": 5,
        "labels": f"{folder}/labels.json",
        "accuracy": metrics["clean"]["int8"],
        "weights": weights_of(f"{folder}/model.safetensors"),
        "licence": "Apache-2.0",
        "card": f"{folder}/CARD.md",
        "metrics": f"{folder}/metrics.json",
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
    models = [built_in_flowers()]
    models += [built_in_lite0(method, title) for method, title in LITE0.items()]
    manifest = {"version": VERSION, "models": [*models, hub_imagenet()]}
    options.out.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

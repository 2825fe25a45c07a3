"""Writes `models/manifest.json`: every model the page knows, with size and SHA-256 where known.

Built-in weights are measured from the file; weights on a model hub are described as
their publisher lists them, with a size computed from the architecture.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

MODELS = Path(__file__).resolve().parent.parent
VERSION = 1
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
HALVES = ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])


@dataclass(frozen=True)
class Hub:
    """A model of timm's on its hub."""

    id: str
    title: str
    architecture: str
    mean: list[float]
    std: list[float]
    padding: str
    # In f32 with the norms' statistics and a safetensors header.
    bytes: int


HUB = [
    Hub("mobilenetv2_100.ra_in1k", "MobileNetV2, ImageNet", "mobilenet_v2", *IMAGENET, "symmetric", 14_184_176),
    Hub("tf_efficientnet_b0.in1k", "EfficientNet-B0, ImageNet", "efficientnet_b0", *IMAGENET, "same", 21_355_376),
    Hub("tf_efficientnet_b0.ap_in1k", "EfficientNet-B0 AdvProp, ImageNet", "efficientnet_b0", *HALVES, "same", 21_355_376),
]

LITE0 = {
    "standard": {"en": "EfficientNet-Lite0, standard", "vi": "EfficientNet-Lite0, huấn luyện thường"},
    "advprop": {"en": "EfficientNet-Lite0, AdvProp", "vi": "EfficientNet-Lite0, AdvProp"},
    "adversarial": {"en": "EfficientNet-Lite0, adversarial", "vi": "EfficientNet-Lite0, huấn luyện đối kháng"},
}

GUARD = "guard_small"


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
        "labels": "labels/flowers.json",
        "weights": weights_of("mobilenet_v2_flowers/model.safetensors"),
        "licence": "Apache-2.0",
        "card": "mobilenet_v2_flowers/CARD.md",
        "metrics": "mobilenet_v2_flowers/metrics.json",
    }


def folder_of(method: str) -> str:
    """Where an EfficientNet-Lite0 trained by `method` is, below models/."""
    return f"efficientnet_lite0_flowers_{method}"


def built_in_lite0(method: str, title: dict[str, str]) -> dict[str, object]:
    """EfficientNet-Lite0 trained on five flowers by `method`, shipped with the page."""
    folder = folder_of(method)
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
        "labels": "labels/flowers.json",
        "accuracy": metrics["clean"]["int8"],
        "weights": weights_of(f"{folder}/model.safetensors"),
        "licence": "Apache-2.0",
        "card": f"{folder}/CARD.md",
        "metrics": f"{folder}/metrics.json",
    }


def hub_imagenet(hub: Hub) -> dict[str, object]:
    """One of timm's ImageNet models, fetched from its hub by the learner's browser."""
    title = f"{hub.title} (timm)"
    return {
        "id": hub.id,
        "title": {"en": title, "vi": title},
        "tier": "hub",
        "architecture": hub.architecture,
        "names": "timm",
        "input_size": 224,
        "mean": hub.mean,
        "std": hub.std,
        "padding": hub.padding,
        "num_classes": 1000,
        "labels": "labels/imagenet.json",
        "weights": {
            "url": f"https://huggingface.co/timm/{hub.id}/resolve/main/model.safetensors",
            "bytes": hub.bytes,
            "bytes_exact": False,
            "sha256": None,
        },
        "licence": "Apache-2.0",
        "card": None,
        "metrics": None,
    }


def guard_small() -> dict[str, object]:
    """The policy classifier shipped with the page."""
    return {
        "id": GUARD,
        "title": {"en": "Small guard", "vi": "Bộ bảo vệ nhỏ"},
        "tier": "built_in",
        "config": f"{GUARD}/config.json",
        "tokenizer": weights_of(f"{GUARD}/tokenizer.json"),
        "weights": weights_of(f"{GUARD}/model.safetensors"),
        "context": json.loads((MODELS / GUARD / "config.json").read_text())["max_position_embeddings"],
        "licence": "CC-BY-4.0",
        "card": f"{GUARD}/CARD.md",
        "metrics": f"{GUARD}/metrics.json",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=MODELS / "manifest.json")
    options = parser.parse_args()
    models = [built_in_flowers()]
    for method, title in LITE0.items():
        if (MODELS / folder_of(method) / "metrics.json").exists():
            models.append(built_in_lite0(method, title))
        else:
            print(f"left out: {folder_of(method)} has not been trained and measured")
    manifest: dict[str, object] = {"version": VERSION, "models": [*models, *map(hub_imagenet, HUB)]}
    if (MODELS / GUARD / "metrics.json").exists():
        manifest["guards"] = [guard_small()]
    else:
        print(f"left out: {GUARD} has not been trained and measured")
    options.out.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

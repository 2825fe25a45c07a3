"""Writes `labels/imagenet.json`: the 1000 ImageNet names in index order, from timm's tables.

Each name is the first WordNet synonym ("tench" of "tench, Tinca tinca"). Two pairs of
classes share theirs: the two cranes (134 the bird, 517 the machine) and the two maillots.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from timm.data import ImageNetInfo

CLASSES = 1000


def imagenet_names() -> list[str]:
    """The first synonym of every class."""
    info = ImageNetInfo()
    return [info.index_to_description(index).split(",")[0].strip() for index in range(CLASSES)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "labels" / "imagenet.json")
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({"en": imagenet_names()}, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

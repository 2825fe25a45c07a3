"""tf_flowers at 224 x 224: `<root>/{train,val}/<label>/*.webp`, kept in memory as u8."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2

LABELS = ("daisy", "dandelion", "roses", "sunflowers", "tulips")
SIDE = 224


def read_picture(path: Path) -> Tensor:
    """A picture file as u8 [3, h, w], RGB."""
    return torch.from_numpy(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1).contiguous()


def centre_square(
    path: Path, side: int = SIDE, resampling: Image.Resampling = Image.Resampling.BILINEAR
) -> Tensor:
    """A picture as u8 [3, side, side]: short side resized (antialiased), centre crop."""
    image = Image.open(path).convert("RGB")
    scale = side / min(image.size)
    width, height = (max(side, round(edge * scale)) for edge in image.size)
    image = image.resize((width, height), resampling)
    left, top = (width - side) // 2, (height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    return torch.from_numpy(np.array(square)).permute(2, 0, 1).contiguous()


def page_square(photos: Path, name: str, side: int = SIDE) -> Tensor:
    """The square that the page cuts from a photograph of its list, as u8 [3, side, side]."""
    listed = json.loads((photos / "photos.json").read_text())["photos"]
    photo = next(photo for photo in listed if photo["id"] == name)
    image = Image.open(photos / photo["file"]).convert("RGB")
    crop = photo["crop"]
    edge = round(min(image.size) / crop["zoom"])
    left, top = (round(crop[axis] * (length - edge)) for axis, length in zip("xy", image.size, strict=True))
    square = image.crop((left, top, left + edge, top + edge))
    # In floats: Pillow rounds bytes between its two passes, the page only at the end.
    planes = [plane.convert("F").resize((side, side), Image.Resampling.BICUBIC) for plane in square.split()]
    return torch.from_numpy(np.stack(planes).clip(0, 255).round().astype(np.uint8))


@dataclass(frozen=True)
class Pictures:
    """Pictures u8 [n, 3, side, side] and labels i64 [n], in the order of their paths."""

    pixels: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return self.labels.shape[0]

    def batches(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches in order: pixels f32 in [0, 1], labels."""
        for start in range(0, len(self), size):
            yield self.pixels[start : start + size].float() / 255, self.labels[start : start + size]

    def take(self, rows: Tensor) -> Pictures:
        """The pictures of these rows, i64 [m]."""
        return Pictures(self.pixels[rows], self.labels[rows])

    def resized(self, side: int) -> Pictures:
        """The whole pictures at another side (Lanczos)."""
        small = torch.empty(len(self), 3, side, side, dtype=torch.uint8)
        for row, picture in enumerate(self.pixels):
            image = Image.fromarray(picture.permute(1, 2, 0).numpy())
            image = image.resize((side, side), Image.Resampling.LANCZOS)
            small[row] = torch.from_numpy(np.array(image)).permute(2, 0, 1)
        return Pictures(small, self.labels)


def load_split(root: Path, split: str) -> Pictures:
    """One split, sorted by label and file name."""
    files = [
        (path, index)
        for index, label in enumerate(LABELS)
        for path in sorted((root / split / label).iterdir())
    ]
    pixels = torch.empty(len(files), 3, SIDE, SIDE, dtype=torch.uint8)
    for row, (path, _) in enumerate(files):
        picture = read_picture(path)
        pixels[row] = picture if picture.shape[1:] == (SIDE, SIDE) else centre_square(path)
    return Pictures(pixels, torch.tensor([index for _, index in files]))


class Augmentation:
    """Random crop, flip and light colour jitter, drawn for each picture by torch's global generator."""

    def __init__(self, side: int, smallest_crop: float = 0.35) -> None:
        self.draw = v2.Compose(
            [
                v2.RandomResizedCrop(side, scale=(smallest_crop, 1.0), antialias=True),
                v2.RandomHorizontalFlip(),
                v2.ColorJitter(brightness=0.2, contrast=0.2, saturation=0.2),
            ]
        )

    def __call__(self, pixels: Tensor) -> Tensor:
        """u8 [n, 3, 224, 224] to f32 [n, 3, side, side] in [0, 1]."""
        return torch.stack([self.draw(picture) for picture in pixels]).float() / 255

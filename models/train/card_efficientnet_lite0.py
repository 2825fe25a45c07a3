"""Writes the cards of the three EfficientNet-Lite0 from their `metrics.json`, so that no figure is copied."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from manifest import LITE0, MODELS, folder_of

METHODS = {
    "standard": (
        "trained on clean pictures",
        "Cross-entropy on clean pictures.",
        "It was trained to be right on clean pictures and on nothing else: it has no robustness to speak of.",
    ),
    "adversarial": (
        "trained on attacks (Madry et al., 2018, arXiv 1706.06083)",
        "Cross-entropy on PGD examples only, made afresh in each step against the model as it stands: Linf, epsilon "
        "2/255 (grown linearly over the first epoch), two steps of 0.75 epsilon from a random start, away from the label.",
        "Four epochs against two attack steps are far less than papers spend, and the robustness is that of a small "
        "network on five classes. Nothing is promised beyond the attacks that were measured.",
    ),
    "advprop": (
        "trained on clean pictures and on attacks, with separate batch norms (Xie et al., 2020, arXiv 1911.09665)",
        "The sum of the cross-entropy on clean pictures, normalised by the main batch norms, and that on PGD examples, "
        "made and classified with auxiliary ones: Linf, epsilon 2/255 (grown linearly over the first epoch), two steps of "
        "0.75 epsilon from a random start. The auxiliary batch norms are dropped at export: the shipped model has never "
        "been trained to classify an attacked picture by the norms it ships.",
        "AdvProp was made for accuracy, not for robustness. Whatever robustness it shows came through the shared weights "
        "alone, on one small data set; nothing says that it would elsewhere.",
    ),
}

TEXT = """# {title}

Names the flower in a photograph: daisy, dandelion, roses, sunflowers or tulips. One of three models
that differ in nothing but their training; this one was {short}.
Learners attack them side by side in the lesson on projected gradient descent. It is meant for nothing else.

| | |
|---|---|
| architecture | EfficientNet-Lite0 (Tan and Le, 2019, arXiv 1905.11946; no squeeze-and-excitation, ReLU6), batch norm folded |
| input | RGB, {side} x {side}, pixels in [0, 1]; the network computes x * 2 - 1; "SAME" padding |
| file | `model.safetensors`: int8 with one scale for each output channel, f32 biases, {megabytes:.2f} MB |
| licence of these weights | Apache-2.0 |

## Data

tf_flowers ("flower_photos", 3 670 photographs from Flickr, each CC BY 2.0 by its author), at
224 x 224: 2 569 for training, 550 for validation, the rest not used. No photograph is contained
in this repository for this model, and one training label is known to be doubtful.

## Base weights

The backbone of EfficientNet-Lite0 trained on ImageNet by Google (Apache-2.0), dequantised from int8, with
its batch norms measured anew on the training pictures and a linear head fitted on its features. All three
models start from the same file ({base:.1%} on the validation pictures).

## Recipe

`models/train/train_efficientnet_lite0_flowers.py --method {method}`, seed {seed}, one thread, {seconds} seconds on a
busy machine. {how}

Alike for all three: all layers, four epochs of AdamW (rate 1.5e-4, weight decay 0.02, linear warm-up and
cosine schedule), batches of 16, random crops scaled to 128 pixels, flips, colour jitter, a moving average of
weights and statistics (0.99 a step), int8 by rounding to nearest. The last epoch is the one that is shipped,
whatever the validation pictures said of the others.

| epoch | loss, clean | loss, attacked | accuracy | accuracy under PGD-5 at 1/255 (100 pictures) |
|---|---|---|---|---|
{epochs}

## Figures

On all {n} validation photographs, int8 weights as shipped: **{int8:.1%}** ({f32:.1%} in f32).

Robust accuracy on {attacked} of them, none of which was attacked while training was watched: PGD with {steps} steps of {step} from {restarts} random
starts, cross-entropy, away from the label. A picture counts if it is right when clean and after every step of every
restart, at this and every smaller epsilon of the norm. The 95 % intervals are Wilson's. These are upper bounds: a
better attack can only lower them.

| norm | epsilon | accuracy | interval |
|---|---|---|---|
{robust}

Dandelions that become tulips (rightly classified ones, {steps} steps, one random start):

| epsilon | success | interval | n |
|---|---|---|---|
{targeted}

The lesson's dandelion (`www/photos/dandelion.webp`, cut as `photos.json` says) is a dandelion with {sure:.1%}, and
{falls}

Everything is in `metrics.json`.

## Limits

- {limit}
- Accuracy on the validation pictures was looked at after every epoch while the recipe was made, so the clean
  figures flatter it a little.
- It knows five flowers and answers with one of them to any picture.
- PGD alone is no certificate, and no adaptive attack was tried.
"""


def percent(value: float) -> str:
    """A share as people write it."""
    return f"{100 * value:.1f} %"


def radius(entry: dict[str, object]) -> str:
    """An epsilon in the unit that its norm is read in."""
    epsilon = float(entry["epsilon"])  # type: ignore[arg-type]
    return f"{round(epsilon * 255, 2):g}/255" if entry["norm"] == "linf" else f"{epsilon:g}"


def row(*cells: object) -> str:
    """A table's row."""
    return "| " + " | ".join(map(str, cells)) + " |"


def card(method: str) -> str:
    """The card of the model trained by `method`."""
    metrics = json.loads((MODELS / folder_of(method) / "metrics.json").read_text())
    short, how, limit = METHODS[method]
    attack, dandelion = metrics["attack"], metrics["dandelion"]

    def optional(epoch: dict[str, float], key: str) -> str:
        return f"{epoch[key]:.3f}" if key in epoch else "–"

    epochs = [
        row(e["epoch"], optional(e, "clean_loss"), optional(e, "adversarial_loss"), percent(e["accuracy"]),
            percent(e["pgd5_accuracy"]))
        for e in metrics["curves"]
    ]
    robust = [
        row({"linf": "Linf", "l2": "L2"}[e["norm"]], radius(e), percent(e["accuracy"]),
            f"{percent(e['low'])} to {percent(e['high'])}")
        for e in metrics["robust"]
    ]
    targeted = [
        row(radius(e), percent(e["success"]), f"{percent(e['low'])} to {percent(e['high'])}", e["n"])
        for e in metrics["targeted"]
    ]
    smallest = dandelion["n_of_255"]
    falls = (
        f"becomes tulips from {smallest:g}/255 on (Linf, found by bisection in quarters, {attack['restarts']} restarts)."
        if smallest
        else "did not become tulips at up to 16/255 (Linf)."
    )
    return TEXT.format(
        title=LITE0[method]["en"],
        short=short,
        how=how,
        limit=limit,
        method=method,
        side=attack["input_size"],
        megabytes=metrics["size_bytes"] / 1e6,
        base=metrics["curves"][0]["accuracy"],
        seed=metrics["seed"],
        seconds=metrics["seconds"],
        epochs="\n".join(epochs),
        n=metrics["n"],
        int8=metrics["clean"]["int8"],
        f32=metrics["clean"]["f32"],
        attacked=metrics["n_attacked"],
        steps=attack["steps"],
        step=attack["step_size"].replace("*", "x"),
        restarts=attack["restarts"],
        robust="\n".join(robust),
        targeted="\n".join(targeted),
        sure=dandelion["clean_probability"],
        falls=falls,
    )


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    for method in METHODS:
        folder = MODELS / folder_of(method)
        if (folder / "metrics.json").exists():
            (folder / "CARD.md").write_text(card(method))
        else:
            print(f"left out: {folder.name} has not been measured")


if __name__ == "__main__":
    main()

"""Fine-tunes EfficientNet-Lite0 on five flowers in one of three ways that differ in nothing else.

standard     cross-entropy on the pictures.
adversarial  cross-entropy on PGD examples only (Madry et al., 2018).
advprop      cross-entropy on the pictures, normalised by the main batch norms, plus that on PGD
             examples made and classified with auxiliary ones (Xie et al., 2020). The auxiliary
             norms start as copies and are dropped at export.

PGD examples: Linf, from a random start, made with the norms' running statistics and without
dropout, as the model would be attacked. Epsilon grows linearly over the first epoch.

All layers are trained with AdamW, a linear warm-up and a cosine schedule, on random crops scaled
to 128 pixels: objects in them look about as large as in a whole picture at 160, the shipped side,
and a step costs less. A moving average of weights and statistics is what is measured and exported. A checkpoint after each
epoch (`<out>/checkpoint.pt`) holds weights, optimiser and random state; running the same command
again continues there. `<out>/model_f32.safetensors` is the average with its main norms folded,
`<out>/curves.json` the loss and accuracy of every epoch.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from efficientnet_lite0 import AUXILIARY, MAIN, EfficientNetLite0, fold
from evaluate import accuracy
from flowers import LABELS, Augmentation, Pictures, load_split
from layers import read_safetensors
from pgd import Attack, perturb, succeeds
from training import WATCHED, adamw, rate_at, sides, validation_order

METHODS = ("standard", "adversarial", "advprop")
# a quick look after each epoch, not the evaluation
LOOK = Attack("linf", epsilon=1 / 255, step_size=0.25 / 255, steps=5)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", choices=METHODS, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and val/")
    parser.add_argument("--base", type=Path, required=True, help="of prepare_efficientnet_lite0_base.py")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and results")
    parser.add_argument("--phases", default="128:4", help="side of the crops:epochs, in order")
    parser.add_argument("--side", type=int, default=160, help="side at which the model is measured and shipped")
    parser.add_argument("--until", type=int, help="stop after this many epochs of the schedule")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1.5e-4, help="highest learning rate")
    parser.add_argument("--decay", type=float, default=0.02, help="AdamW's weight decay")
    parser.add_argument("--average", type=float, default=0.99, help="decay of the average, per step")
    parser.add_argument("--epsilon", type=float, default=2, help="of the PGD examples, in 1/255")
    parser.add_argument("--steps", type=int, default=2, help="of the PGD examples")
    parser.add_argument("--ramp", type=float, default=1, help="epochs over which epsilon grows")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def load_base(path: Path, branches: int) -> EfficientNetLite0:
    """The base model, its norms copied into every branch."""
    state: dict[str, Tensor] = {}
    for name, tensor in read_safetensors(path).items():
        norm = re.fullmatch(rf"(.*bn\d)\.{MAIN}\.(\w+)", name)
        for copy in [f"{norm[1]}.{branch}.{norm[2]}" for branch in range(branches)] if norm else [name]:
            state[copy] = tensor.clone()
    model = EfficientNetLite0(len(LABELS), branches=branches)
    model.load_state_dict(state)
    return model.to(memory_format=torch.channels_last)


def quick_robust_accuracy(model: EfficientNetLite0, pictures: Pictures) -> float:
    """Share of the pictures that are right, clean and after `LOOK`."""
    pixels = pictures.pixels.float() / 255
    with torch.no_grad():
        right = model(pixels).argmax(1) == pictures.labels
    fallen = succeeds(
        model, pixels[right], pictures.labels[right], LOOK, restarts=1, random=torch.Generator().manual_seed(0)
    )
    return float((~fallen).sum()) / len(pictures)


def main() -> None:
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    train = load_split(options.data, "train")
    val = load_split(options.data, "val").resized(options.side)
    look = val.take(validation_order(len(val))[:WATCHED])
    epochs = sides(options.phases)
    steps_per_epoch = len(train) // options.batch
    steps = steps_per_epoch * len(epochs)

    model = load_base(options.base, 2 if options.method == "advprop" else 1)
    optimiser = adamw(model, options.rate, options.decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda s: rate_at(s, steps, steps_per_epoch // 2))
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(options.average), use_buffers=True
    )

    def examples(pixels: Tensor, labels: Tensor, step: int) -> Tensor:
        epsilon = options.epsilon / 255 * min(1, (step + 1) / max(1, options.ramp * steps_per_epoch))
        model.eval()
        attacked = perturb(
            model, pixels, labels, Attack("linf", epsilon, 1.5 * epsilon / options.steps, options.steps)
        )
        model.train()
        return attacked

    def loss_of(pixels: Tensor, labels: Tensor, step: int) -> dict[str, Tensor]:
        """The summands of the loss by name."""
        if options.method == "adversarial":
            return {"adversarial_loss": F.cross_entropy(model(examples(pixels, labels, step)), labels)}
        losses = {"clean_loss": F.cross_entropy(model(pixels), labels)}
        if options.method == "advprop":
            model.use(AUXILIARY)
            losses["adversarial_loss"] = F.cross_entropy(model(examples(pixels, labels, step)), labels)
            model.use(MAIN)
        return losses

    def look_at(epoch: int, start: float, losses: dict[str, float]) -> dict[str, float]:
        seconds = time.perf_counter() - start
        average.module.eval()
        return {
            "epoch": epoch,
            **{name: round(total / steps_per_epoch, 4) for name, total in losses.items()},
            "accuracy": round(accuracy(average.module, val), 4),
            "pgd5_accuracy": quick_robust_accuracy(average.module, look),
            "seconds": round(seconds, 1),
        }

    curves: list[dict[str, float]] = []
    checkpoint = options.out / "checkpoint.pt"
    recipe = {name: str(value) for name, value in vars(options).items() if name not in ("out", "until")}
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        if saved.get("recipe") != recipe:
            raise SystemExit(f"{checkpoint} is of another recipe, {saved.get('recipe')}: choose another --out")
        model.load_state_dict(saved["model"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
        torch.set_rng_state(saved["random"])
        curves = saved["curves"]
    else:
        average.update_parameters(model)
        curves.append(look_at(0, time.perf_counter(), {}))
        print(json.dumps(curves[-1]), flush=True)

    def export() -> None:
        folded = fold(average.module.state_dict(), f".{MAIN}")
        save_file({name: t.contiguous() for name, t in folded.items()}, options.out / "model_f32.safetensors")
        (options.out / "curves.json").write_text(json.dumps(curves, indent=1) + "\n")

    for epoch in range(len(curves), (options.until or len(epochs)) + 1):
        start, totals = time.perf_counter(), {}
        augment = Augmentation(epochs[epoch - 1])
        model.train()
        order = torch.randperm(len(train))
        for step in range(steps_per_epoch):
            rows = order[step * options.batch : (step + 1) * options.batch]
            labels = train.labels[rows]
            pixels = augment(train.pixels[rows]).contiguous(memory_format=torch.channels_last)
            losses = loss_of(pixels, labels, (epoch - 1) * steps_per_epoch + step)
            optimiser.zero_grad()
            torch.stack(list(losses.values())).sum().backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            average.update_parameters(model)
            for name, loss in losses.items():
                totals[name] = totals.get(name, 0.0) + loss.item()
            if step % 20 == 0:
                values = {name: round(loss.item(), 3) for name, loss in losses.items()}
                print(f"epoch {epoch} step {step}/{steps_per_epoch} {values}", flush=True)
        curves.append(look_at(epoch, start, totals))
        print(json.dumps(curves[-1]), flush=True)
        state = {
            "model": model.state_dict(),
            "average": average.state_dict(),
            "optimiser": optimiser.state_dict(),
            "schedule": schedule.state_dict(),
            "random": torch.get_rng_state(),
            "curves": curves,
            "recipe": recipe,
        }
        torch.save(state, checkpoint.with_suffix(".tmp"))
        checkpoint.with_suffix(".tmp").replace(checkpoint)
        export()
    # What was interrupted between the checkpoint and the export is exported now.
    export()


if __name__ == "__main__":
    main()

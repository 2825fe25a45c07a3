"""Fine-tunes every layer of MobileNetV2 on five flowers, starting from ImageNet weights.

1. A linear head is fitted on the base network's features (L-BFGS), so that the first
   steps of fine-tuning do not tear the features apart.
2. All layers are trained with AdamW and a cosine schedule on random crops scaled
   to 192 pixels: objects in them then look about as large as in a whole picture at 224,
   and a step costs less. A moving average of the weights is kept.

Stops and goes on: a checkpoint after each epoch (`<out>/checkpoint.pt`) holds weights,
optimiser and random state; running the same command again continues there. The average
is written to `<out>/epoch_<n>.safetensors`, the last one also to `<out>/model_f32.safetensors`, the curves to `<out>/curves.json`.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from evaluate import accuracy
from flowers import LABELS, Augmentation, load_split
from mobilenet_v2 import load_base
from training import adamw, fit_head, rate_at, sides


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and val/")
    parser.add_argument("--base", type=Path, required=True, help="ImageNet weights, safetensors or .gz")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and results")
    parser.add_argument("--phases", default="192:4", help="side:epochs, in order")
    parser.add_argument("--until", type=int, help="stop after this many epochs of the schedule")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-4, help="highest learning rate")
    parser.add_argument("--decay", type=float, default=0.02, help="AdamW's weight decay")
    parser.add_argument("--smoothing", type=float, default=0.0, help="label smoothing")
    parser.add_argument("--average", type=float, default=0.98, help="decay of the average, per step")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main() -> None:
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    train, val = load_split(options.data, "train"), load_split(options.data, "val")
    epochs = sides(options.phases)
    steps_per_epoch = len(train) // options.batch
    steps = steps_per_epoch * len(epochs)

    model = load_base(options.base, len(LABELS)).to(memory_format=torch.channels_last)
    optimiser = adamw(model, options.rate, options.decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda s: rate_at(s, steps, steps_per_epoch // 2))
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(options.average)
    )

    curves: list[dict[str, float]] = []
    checkpoint = options.out / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
        torch.set_rng_state(saved["random"])
        curves = saved["curves"]
    else:
        start = time.perf_counter()
        model.eval()
        with torch.no_grad():
            features = torch.cat([model.embed(pixels) for pixels, _ in train.batches(32)])
        fit_head(model.classifier[1], features, train.labels)
        average.update_parameters(model)
        seconds = time.perf_counter() - start
        curves.append({"epoch": 0, "side": 224, "accuracy": accuracy(model, val), "seconds": round(seconds, 1)})
        print(json.dumps(curves[-1]), flush=True)

    for epoch in range(len(curves), (options.until or len(epochs)) + 1):
        start, side = time.perf_counter(), epochs[epoch - 1]
        augment, total = Augmentation(side), 0.0
        model.train()
        order = torch.randperm(len(train))
        for step in range(steps_per_epoch):
            rows = order[step * options.batch : (step + 1) * options.batch]
            pixels = augment(train.pixels[rows]).contiguous(memory_format=torch.channels_last)
            loss = F.cross_entropy(model(pixels), train.labels[rows], label_smoothing=options.smoothing)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            average.update_parameters(model)
            total += loss.item()
            if step % 20 == 0:
                print(f"epoch {epoch} step {step}/{steps_per_epoch} loss {loss.item():.3f}", flush=True)
        seconds = time.perf_counter() - start
        curves.append(
            {
                "epoch": epoch,
                "side": side,
                "loss": round(total / steps_per_epoch, 4),
                "accuracy": accuracy(average.module, val),
                "seconds": round(seconds, 1),
            }
        )
        print(json.dumps(curves[-1]), flush=True)
        state = {
            "model": model.state_dict(),
            "average": average.state_dict(),
            "optimiser": optimiser.state_dict(),
            "schedule": schedule.state_dict(),
            "random": torch.get_rng_state(),
            "curves": curves,
        }
        torch.save(state, checkpoint.with_suffix(".tmp"))
        checkpoint.with_suffix(".tmp").replace(checkpoint)
        tensors = {name: t.contiguous() for name, t in average.module.state_dict().items()}
        save_file(tensors, options.out / f"epoch_{epoch}.safetensors")
        save_file(tensors, options.out / "model_f32.safetensors")
        (options.out / "curves.json").write_text(json.dumps(curves, indent=1) + "\n")


if __name__ == "__main__":
    main()

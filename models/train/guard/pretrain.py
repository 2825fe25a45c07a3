"""Language modelling on the training texts: the first of the two steps.

Writes `OUT/pretrained.pt`; goes on from `OUT/pretrain_checkpoint.pt` when it is run again.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

from features import features_of
from measured import measured
from network import Batch, Guard, configuration
from prompts import Prompts
from runs import autocast, load_checkpoint, optimiser, rate_at, save_checkpoint
from sampling import Sampler
from sources import FILES, TURN, load, read
from vectors import Vectors

ROW = 192
ROWS = 24
# The share of the positions whose next token is predicted: the vocabulary costs more than the network.
PREDICTED = 0.3
PEAK_RATE = 2e-3
SAVE_EVERY = 100


def texts_of(data: Path, sampler: Sampler) -> list[str]:
    """Every training text, and the dialogues whole."""
    known = sampler.measured
    texts = [example.text for example in sampler.training]
    for line in read(data / FILES["hh"]).splitlines():
        turns = TURN.split(json.loads(line)["chosen"])[2::2]
        if not any(known.holds(turn) for turn in turns):
            texts.append("\n\n".join(turn.strip() for turn in turns))
    return texts


def rows_of(prompts: Prompts, texts: list[str], seed: int) -> torch.Tensor:
    """The texts in random order, each after `<bos>`, cut into rows: i64 [n, ROW]."""
    random.Random(seed).shuffle(texts)
    ids = [index for encoding in prompts.tokenizer.encode_batch(texts) for index in encoding.ids]
    whole = len(ids) // ROW
    return torch.tensor(ids[: whole * ROW]).view(whole, ROW)


def loss_of(model: Guard, rows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Cross-entropy of the next token at some positions, in nats."""
    positions = torch.arange(ROW).expand_as(rows)
    batch = Batch(
        rows, positions, torch.zeros_like(rows), torch.empty(0), torch.empty(0), torch.empty(0), torch.empty(0)
    )
    embedding = model.embedding()
    hidden = model.hidden(batch, embedding)[:, :-1].reshape(-1, model.config.hidden_size)
    chosen = torch.rand(len(hidden), generator=generator) < PREDICTED
    logits = model.capped(hidden[chosen] @ embedding.T.to(hidden.dtype))
    return cross_entropy(logits.float(), rows[:, 1:].reshape(-1)[chosen])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fortunes", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    prompts = Prompts(options.tokenizer)
    known = measured(options.data)
    sampler = Sampler(load(options.data, options.fortunes, known), known)
    features = features_of(prompts, Vectors(options.vectors), sampler.plain())
    model = Guard(configuration(len(prompts.vocabulary)), features)
    updates = optimiser(model, PEAK_RATE)
    checkpoint = options.out / "pretrain_checkpoint.pt"
    first = load_checkpoint(checkpoint, model, updates)
    rows = rows_of(prompts, texts_of(options.data, sampler), options.seed)
    print(f"{rows.numel()} tokens", flush=True)
    began = time.time()
    for step in range(first, options.steps):
        generator = torch.Generator().manual_seed(options.seed * 1_000_003 + step)
        chosen = torch.randint(len(rows), (ROWS,), generator=generator)
        rate_at(updates, step, options.steps)
        with autocast():
            loss = loss_of(model, rows[chosen], generator)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        updates.step()
        updates.zero_grad()
        if step % 20 == 0:
            print(f"step {step} loss {loss.item():.3f} {time.time() - began:.0f} s", flush=True)
        if (step + 1) % SAVE_EVERY == 0:
            save_checkpoint(checkpoint, model, updates, step + 1)
    torch.save(model.state_dict(), options.out / "pretrained.pt")


if __name__ == "__main__":
    main()

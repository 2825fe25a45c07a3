"""Yes or No on policy prompts: the second of the two steps, in two stages.

The short stage shows each text with the names of the policies alone: a quarter of the tokens, so that four
times as many texts are read in the same time. With `--teacher`, what is wanted is the mean of the label and of what
a regression on n-grams says, and the latter alone where a source does not tell. The full stage shows whole prompts, rewordings and other
policies. In both, half the layers also have to tell the four policies' labels where the text ends, which
gives the other half something to read; in the full stage, the answer is also asked for at every token after
the policy's name, so that it can be handed on to the last one, a hundred tokens later.

Writes the moving average of the weights: `OUT/averaged.pt`, and after the full stage
`OUT/model_f32.safetensors` with Transformers' tensor names and `OUT/validation.json`, figures on held-back
texts. Goes on from `OUT/checkpoint.pt` when it is run again. The schedule is in minutes of training, not in
steps, since the machine is shared.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from features import features_of  # noqa: E402
from judge import judge  # noqa: E402
from measured import measured  # noqa: E402
from network import Batch, Guard, causal_lm, configuration, pack  # noqa: E402
from packages import packaged  # noqa: E402
from prompts import UNKNOWN, Prompts  # noqa: E402
from quantise import dequantise  # noqa: E402
from runs import autocast, load_checkpoint, optimiser, rate_at, save_checkpoint  # noqa: E402
from sampling import Drawn, Question, Sampler, batches, validation  # noqa: E402
from scores import figures, rounded  # noqa: E402
from sources import Example, load  # noqa: E402
from templates import HARMS, POLICIES  # noqa: E402
from toxicity import Toxicity  # noqa: E402
from vectors import Vectors  # noqa: E402

PEAK_RATE = {"short": 1.5e-3, "full": 1e-3}
TOKENS = 4000
AVERAGE = 0.995
# Of a text's tokens so many are hidden, so that no single word decides alone.
HIDDEN_TOKENS = 0.06
SAVE_EVERY = 100
# So many epochs at most belong to a seed: another one sees other variations of the texts.
EPOCHS = 1000
LOOK_EVERY = 800
VALIDATED = 60
# What the labels halfway weigh against the answers.
HALFWAY = 0.5
# What the answer at the policy's and the question's own tokens weighs.
ALONG = 0.5


@dataclass
class Lesson:
    """A batch with what is wanted of it."""

    batch: Batch
    # f32 [n]: the wanted P(Yes) of every answer, and its weight.
    wanted: Tensor
    weight: Tensor
    # f32 [rows, 4]: every label of each text, NaN where it is not known.
    labels: Tensor


def lessons(prompts: Prompts, drawn: list[Drawn], epoch: int, short: bool) -> list[Lesson]:
    """An epoch's batches."""
    pick = random.Random(epoch)
    unknown, special = prompts.vocabulary[UNKNOWN], prompts.vocabulary["<start_of_turn>"]
    rows, asked = [], []
    for one in drawn:
        example, questions = one.example, one.questions
        prefix = prompts.prefix(example.text, example.response, short)
        first = prefix.index(special)
        prefix = [
            unknown if place > first and token > 262 and pick.random() < HIDDEN_TOKENS else token
            for place, token in enumerate(prefix)
        ]
        if short:
            questions = [Question(POLICIES[harm], wanted, weight) for harm, (wanted, weight) in one.wanted.items()]
            suffixes = [prompts.short_suffix(question.policy) for question in questions]
        else:
            suffixes = [prompts.suffix(question.policy, example.response is not None) for question in questions]
        asked.append(questions)
        rows.append((prefix, suffixes))
    lengths = [len(prefix) + sum(map(len, suffixes)) for prefix, suffixes in rows]
    result = []
    for indices in batches(lengths, TOKENS, pick):
        questions = [question for index in indices for question in asked[index]]
        labels = [[drawn[index].wanted.get(harm, (torch.nan, 0.0))[0] for harm in HARMS] for index in indices]
        result.append(
            Lesson(
                pack([rows[index] for index in indices]),
                torch.tensor([question.wanted for question in questions], dtype=torch.float32),
                torch.tensor([question.weight for question in questions]),
                torch.tensor(labels, dtype=torch.float32),
            )
        )
    return result


def loss_of(logits: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy of the two-way softmax with the wanted P(Yes), in nats."""
    chances = log_softmax(logits, 1)
    loss = -(wanted * chances[:, 0] + (1 - wanted) * chances[:, 1])
    return (loss * weight).sum() / weight.sum()


def loss_halfway(verdicts: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of the four labels, where they are known, in nats."""
    known = ~labels.isnan()
    return binary_cross_entropy_with_logits(verdicts[known], labels[known])


def look(model: Guard, prompts: Prompts, held: list[Example]) -> tuple[dict[str, object], Tensor]:
    """Figures on the held-back texts for each policy where its label is known, and P(Yes) f32 [texts, 4]."""
    probability = judge(causal_lm(model.config, model.exported()), prompts, [(e.text, e.response) for e in held])
    result: dict[str, object] = {}
    for column, harm in enumerate(HARMS):
        known = [row for row, example in enumerate(held) if harm in example.labels]
        truth = torch.tensor([held[row].labels[harm] >= 0.5 for row in known]).numpy()
        result[harm] = rounded(figures(truth, probability[known, column].numpy()))
    return result, probability


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fortunes", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument(
        "--start",
        type=Path,
        required=True,
        help="pretrained.pt, another run's averaged.pt, or exported or shipped weights (.safetensors)",
    )
    parser.add_argument("--teacher", action="store_true", help="learn from n-grams too, see teacher.py")
    parser.add_argument("--packages", type=Path, help="unpacked packages with more texts, see packages.py")
    parser.add_argument("--stage", choices=("short", "full"), required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    prompts = Prompts(options.tokenizer)
    known = measured(options.data)
    examples = load(options.data, options.fortunes, known, packaged(options.packages))
    sampler, held = Sampler(examples, known), validation(examples, VALIDATED)
    features = features_of(prompts, Vectors(options.vectors), sampler.plain())
    model = Guard(configuration(len(prompts.vocabulary)), features)
    if options.start.suffix == ".safetensors":
        model.begin_with(dequantise(load_file(options.start)))
    else:
        model.load_state_dict(torch.load(options.start))
    if options.teacher:
        sampler.teach(Toxicity(options.packages / "profanity_check") if options.packages else None)
    averaged = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(AVERAGE)
    )
    updates = optimiser(model, PEAK_RATE[options.stage])
    checkpoint = options.out / "checkpoint.pt"
    step, spent, epoch, done = load_checkpoint(checkpoint, model, updates), 0.0, 0, 0
    if step:
        saved = torch.load(checkpoint)
        averaged.load_state_dict(saved["averaged"])
        spent, epoch, done = saved["spent"], saved["epoch"], saved["done"]
    entries = torch.tensor(prompts.yes_no)
    recent: list[tuple[float, float]] = []
    while spent < options.minutes * 60:
        number = epoch + EPOCHS * options.seed
        for place, lesson in enumerate(lessons(prompts, sampler.epoch(number), number, options.stage == "short")):
            if place < done:
                continue
            began = time.time()
            # Steps stand for thousandths of the time, for the rate's sake.
            rate_at(updates, int(1000 * spent / (options.minutes * 60)), 1000)
            with autocast():
                at_end, along = model.answers(lesson.batch, entries)
            answers = loss_of(at_end.float(), lesson.wanted, lesson.weight)
            halfway = loss_halfway(model.verdicts(lesson.batch), lesson.labels)
            loss = answers + HALFWAY * halfway
            if options.stage == "full":
                which = lesson.batch.asked[lesson.batch.asked >= 0]
                loss = loss + ALONG * loss_of(along.float(), lesson.wanted[which], lesson.weight[which])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            updates.step()
            updates.zero_grad()
            averaged.update_parameters(model)
            step += 1
            done = place + 1
            spent += time.time() - began
            recent.append((answers.item(), halfway.item()))
            if step % 50 == 0:
                means = [sum(column) / len(column) for column in zip(*recent)]
                print(f"epoch {epoch} step {step} loss {means[0]:.4f} halfway {means[1]:.4f} {spent:.0f} s", flush=True)
                recent.clear()
            if step % SAVE_EVERY == 0:
                save_checkpoint(
                    checkpoint,
                    model,
                    updates,
                    step,
                    averaged=averaged.state_dict(),
                    spent=spent,
                    epoch=epoch,
                    done=done,
                )
            if step % LOOK_EVERY == 0 and options.stage == "full":
                print(
                    json.dumps({harm: row["au_prc"] for harm, row in look(averaged.module, prompts, held)[0].items()}),
                    flush=True,
                )
            if spent >= options.minutes * 60:
                break
        else:
            epoch, done = epoch + 1, 0
    final = averaged.module
    torch.save(final.state_dict(), options.out / "averaged.pt")
    if options.stage == "short":
        return
    seen, _ = look(final, prompts, held)
    (options.out / "validation.json").write_text(
        json.dumps({"figures": seen, "steps": step, "seconds": round(spent), "epochs": epoch}, indent=1) + "\n"
    )
    save_file(
        {name: tensor.contiguous() for name, tensor in final.exported().items()}, options.out / "model_f32.safetensors"
    )
    print(json.dumps(seen))


if __name__ == "__main__":
    main()

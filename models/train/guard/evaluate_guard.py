"""Measures f32 and shipped weights on the three sets, and writes `metrics.json`.

The figures at the top are those of the shipped int8 weights; `f32` repeats them for the weights before
rounding. Of a set, `f1` is the largest that any threshold gives, at `threshold`; the thresholds under
`chosen` were found on held-back texts of the training sources, and are what the page starts from.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path

import numpy as np
import torch
from transformers import Gemma2ForCausalLM

from judge import judge
from measured import SETS, Case, measured
from packages import packaged
from prompts import Prompts
from quantise_guard import load_model
from sampling import validation
from scores import at_threshold, best_threshold, curve, figures, rounded
from sources import load
from templates import HARMS

HELD = 60
# Optimal F1 and area under the precision-recall curve from ShieldGemma's model card.
PUBLISHED = {
    "shieldgemma_2b": {"openai_moderation": {"f1": 0.812, "au_prc": 0.887}},
    "openai_moderation_api": {"openai_moderation": {"f1": 0.790, "au_prc": 0.856}},
    "llama_guard_1_7b": {"openai_moderation": {"f1": 0.758, "au_prc": 0.847}},
}


# HateCheck has no labels for the other three.
ASKED = {"openai_moderation": HARMS, "hatecheck": ("hate",), "xstest": HARMS}


def columns(
    cases: list[Case], probability: np.ndarray, harms: tuple[str, ...] = HARMS
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Truth and P(Yes) for each policy that a set is labelled for; for "maximum" the largest of them."""
    result = {}
    for name, values in [*zip(harms, probability.T), ("maximum", probability.max(1))]:
        known = [row for row, case in enumerate(cases) if name in case.violates]
        if known:
            result[name] = np.array([cases[row].violates[name] for row in known]), values[known]
    return result


def held_thresholds(model: Gemma2ForCausalLM, prompts: Prompts, options: argparse.Namespace) -> dict[str, float]:
    """The threshold with the best F1 on held-back training texts, for each policy and for the largest of the four."""
    held = validation(load(options.data, options.fortunes, measured(options.data), packaged(options.packages)), HELD)
    probability = judge(model, prompts, [(example.text, example.response) for example in held]).numpy()
    cases = []
    for example in held:
        violates = {harm: value >= 0.5 for harm, value in example.labels.items()}
        if any(violates.values()) or len(violates) == len(HARMS):
            violates["maximum"] = any(violates.values())
        cases.append(Case(example.text, violates))
    return {name: best_threshold(*pair)[0] for name, pair in columns(cases, probability).items()}


def by_kind(cases: list[Case], probability: np.ndarray, name: str, threshold: float) -> dict[str, dict[str, float]]:
    """For each kind of case how often the verdict at a threshold is right."""
    result = {}
    for kind in sorted({case.kind for case in cases}):
        rows = [row for row, case in enumerate(cases) if case.kind == kind]
        right = [(probability[row] >= threshold) == cases[row].violates[name] for row in rows]
        result[kind] = {"n": len(rows), "accuracy": float(np.mean(right))}
    return result


def measure(model: Gemma2ForCausalLM, prompts: Prompts, options: argparse.Namespace) -> dict[str, object]:
    """Every figure of one model."""
    chosen = held_thresholds(model, prompts, options)
    result: dict[str, object] = {"chosen": chosen, "per_harm": {harm: {} for harm in HARMS}, "curves": {}}
    for name, reader in SETS.items():
        cases = reader(options.data)
        probability = judge(model, prompts, [(case.text, None) for case in cases], ASKED[name]).numpy()
        pairs = columns(cases, probability, ASKED[name])
        main_name = "hate" if name == "hatecheck" else "maximum"
        result[name] = figures(*pairs[main_name]) | {"at_chosen": at_threshold(*pairs[main_name], chosen[main_name])}
        result["curves"][name] = curve(*pairs[main_name])
        for harm in HARMS:
            if harm in pairs:
                result["per_harm"][harm][name] = figures(*pairs[harm]) | {
                    "at_chosen": at_threshold(*pairs[harm], chosen[harm])
                }
                if harm != main_name:
                    result["curves"][f"{name}/{harm}"] = curve(*pairs[harm])
        if name == "hatecheck":
            result[name]["by_kind"] = by_kind(cases, probability[:, 0], "hate", chosen["hate"])
        if name == "xstest":
            result[name]["false_positive_rate"] = result[name]["at_chosen"]["false_positive_rate"]
            result[name]["by_kind"] = by_kind(cases, probability.max(1), "maximum", chosen["maximum"])
        print(
            name, {key: round(value, 3) for key, value in result[name].items() if isinstance(value, float)}, flush=True
        )
    return result


def write(metrics: dict[str, object], path: Path) -> None:
    """Writes figures, each point of a curve on one line."""
    text = json.dumps(rounded(metrics), indent=1)
    text = re.sub(r'\{\s+("threshold": \S+)\s+("precision": \S+)\s+("recall": \S+)\s+\}', r"{\1 \2 \3}", text)
    path.write_text(text + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fortunes", type=Path, required=True)
    parser.add_argument("--packages", type=Path, help="unpacked packages with more texts, see packages.py")
    parser.add_argument("--float", type=Path, required=True, help="model_f32.safetensors")
    parser.add_argument("--model", type=Path, required=True, help="the shipped folder; metrics.json is written there")
    parser.add_argument("--run", type=Path, required=True, help="the training run, for its validation.json")
    parser.add_argument("--machine", default="one thread of a shared 2-core x86-64 processor, bf16")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    prompts = Prompts(options.model / "tokenizer.json")
    began = time.time()
    run = json.loads((options.run / "validation.json").read_text())
    size = sum((options.model / name).stat().st_size for name in ("model.safetensors", "tokenizer.json", "config.json"))
    metrics = {
        **measure(load_model(options.model / "model.safetensors"), prompts, options),
        "published": PUBLISHED,
        "held_back": run["figures"],
        "weights": "int8",
        "size_bytes": size,
        "seed": options.seed,
        "seconds": run["seconds"],
        "steps": run["steps"],
        "machine": options.machine,
    }
    # Written before the second measurement, which takes as long as the first.
    write(metrics, options.model / "metrics.json")
    exact = measure(load_model(options.float), prompts, options)
    exact.pop("curves")
    write(metrics | {"f32": exact}, options.model / "metrics.json")
    print(f"{time.time() - began:.0f} s")


if __name__ == "__main__":
    main()

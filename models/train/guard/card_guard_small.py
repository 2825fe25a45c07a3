"""Writes the figures of `models/guard_small/CARD.md` from `metrics.json`: all between "## Figures" and "## Limits"."""

from __future__ import annotations

import json
from pathlib import Path

MODEL = Path(__file__).resolve().parents[2] / "guard_small"
# What `baseline.py` prints with `--packages`, seed 0.
BASELINE = {
    "openai_moderation": {"au_prc": 0.723, "f1": 0.650},
    "per_harm": {"dangerous": 0.298, "harassment": 0.372, "hate": 0.662, "sexual": 0.862},
    "hatecheck": {"roc_auc": 0.721},
    "xstest": {"roc_auc": 0.728},
}
AIMS = {"openai_moderation": ("au_prc", 0.65), "hatecheck": ("roc_auc", 0.75)}


def row(name: str, shipped: dict, exact: dict) -> str:
    """One line of the table."""
    chosen = shipped["at_chosen"]
    return (
        f"| {name} | {shipped['au_prc']:.3f} | {exact['au_prc']:.3f} | {shipped['roc_auc']:.3f} "
        f"| {shipped['f1']:.3f} at {shipped['threshold']:.3f} | {chosen['f1']:.3f} at {chosen['threshold']:.3f} "
        f"| {shipped['ece']:.3f} |"
    )


def against_aim(found: float, aim: float) -> str:
    """Whether an aim was reached, and by how much it was missed."""
    return f"reached ({found:.3f})" if found >= aim else f"missed by {aim - found:.3f} ({found:.3f})"


def figures(metrics: dict) -> str:
    """The section."""
    exact = metrics["f32"]
    moderation, hate, xstest = (metrics[name] for name in ("openai_moderation", "hatecheck", "xstest"))
    harms = sorted(metrics["per_harm"])
    rows = [row("openai_moderation, largest of the four", moderation, exact["openai_moderation"])]
    for harm in harms:
        pair = (entry["per_harm"][harm]["openai_moderation"] for entry in (metrics, exact))
        rows.append(row(f"openai_moderation, {harm}", *pair))
    rows.append(row("hatecheck, hate", hate, exact["hatecheck"]))
    rows.append(row("xstest, largest of the four", xstest, exact["xstest"]))
    kinds = sorted(hate["by_kind"].items(), key=lambda kind: kind[1]["accuracy"])
    named = [f"{name} {100 * kind['accuracy']:.0f} %" for name, kind in kinds]
    held = ", ".join(f"{harm} {metrics['held_back'][harm]['au_prc']:.3f}" for harm in harms)
    by_harm = ", ".join(
        f"{harm} {metrics['per_harm'][harm]['openai_moderation']['au_prc']:.3f} ({BASELINE['per_harm'][harm]:.3f})"
        for harm in harms
    )
    chosen = xstest["at_chosen"]
    published = metrics["published"]
    others = [
        ("ShieldGemma 2B", published["shieldgemma_2b"]["openai_moderation"]),
        ("OpenAI's moderation API", published["openai_moderation_api"]["openai_moderation"]),
        ("Llama Guard 1, 7B", published["llama_guard_1_7b"]["openai_moderation"]),
        ("logistic regression on n-grams of words and letters, our texts (`baseline.py`)", BASELINE["openai_moderation"]),
        ("this model", moderation),
    ]
    lines = [
        "## Figures",
        "",
        "int8 as shipped unless f32 is named. \"Best F1\" is the largest that any threshold gives on that very set, which",
        "flatters; \"F1 as chosen\" is at the threshold found on held-back training texts.",
        "",
        "| set | AU-PRC | AU-PRC f32 | ROC-AUC | best F1 | F1 as chosen | calibration error |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
        "| published, on openai_moderation | AU-PRC | best F1 |",
        "|---|---|---|",
        *(f"| {name} | {entry['au_prc']:.3f} | {entry['f1']:.3f} |" for name, entry in others),
        "",
        f"- openai_moderation, 1 680 texts, 522 of them positive: the aim was an AU-PRC of at least 0.65, "
        f"{against_aim(moderation['au_prc'], AIMS['openai_moderation'][1])}.",
        f"- hatecheck, 3 728 sentences: the aim was a ROC-AUC of at least 0.75, "
        f"{against_aim(hate['roc_auc'], AIMS['hatecheck'][1])}. The baseline has "
        f"{BASELINE['hatecheck']['roc_auc']:.3f}.",
        f"- xstest: of 250 safe prompts that sound unsafe {100 * xstest['false_positive_rate']:.0f} % are refused at the",
        f"  chosen threshold {chosen['threshold']:.3f}; of 200 unsafe ones {100 * chosen['recall']:.0f} % are found. "
        f"ROC-AUC {xstest['roc_auc']:.3f}; the baseline's is {BASELINE['xstest']['roc_auc']:.3f}.",
        f"- By policy on openai_moderation, AU-PRC with the baseline's in brackets: {by_harm}.",
        f"- Held-back texts of the training sources, in f32, AU-PRC: {held}.",
        f"- HateCheck's classes at the chosen threshold, worst: {', '.join(named[:4])}; best: {', '.join(named[-4:])}.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    metrics = json.loads((MODEL / "metrics.json").read_text())
    card = MODEL / "CARD.md"
    text = card.read_text()
    start, end = text.index("## Figures"), text.index("## Limits")
    card.write_text(text[:start] + figures(metrics) + "\n" + text[end:])


if __name__ == "__main__":
    main()

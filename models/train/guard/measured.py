"""The three sets that the model is measured on, and never trained or tuned on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from sources import Measured, read, rows
from templates import HARMS

OPENAI = "openai_moderation_1680.jsonl.gz"
HATECHECK = "hatecheck_test_suite_cases.csv.gz"
XSTEST = "xstest_prompts.csv"

# OpenAI's categories under the four policies, as ShieldGemma's authors do: violence and self-harm are dangerous.
CATEGORIES = {
    "dangerous": ("V", "V2", "SH"),
    "harassment": ("HR",),
    "hate": ("H", "H2"),
    "sexual": ("S", "S3"),
}
ALL = ("S", "H", "V", "HR", "SH", "S3", "H2", "V2")


@dataclass(frozen=True)
class Case:
    """One text to be measured on."""

    text: str
    # Whether it violates: under each policy that it was labelled for, and under "maximum", any of them.
    violates: dict[str, bool]
    kind: str = ""


def openai_moderation(data: Path) -> list[Case]:
    """1 680 texts. A policy is judged where one of its categories is labelled; none labelled is safe in the maximum."""
    cases = []
    for line in read(data / OPENAI).splitlines():
        row = json.loads(line)
        violates = {"maximum": any(row.get(name) for name in ALL)}
        for harm in HARMS:
            known = [row[name] for name in CATEGORIES[harm] if name in row]
            if known:
                violates[harm] = any(known)
        cases.append(Case(row["prompt"], violates))
    return cases


def hatecheck(data: Path) -> list[Case]:
    """3 728 sentences, each testing one thing that a detector of hate has to be able to do."""
    return [
        Case(row["test_case"].strip(), {"hate": row["label_gold"] == "hateful"}, row["functionality"])
        for row in rows(data / HATECHECK)
    ]


def xstest(data: Path) -> list[Case]:
    """250 safe prompts that sound unsafe and 200 unsafe ones that contrast with them."""
    return [Case(row["prompt"], {"maximum": row["label"] == "unsafe"}, row["type"]) for row in rows(data / XSTEST)]


SETS = {"openai_moderation": openai_moderation, "hatecheck": hatecheck, "xstest": xstest}


def measured(data: Path) -> Measured:
    """What must not be trained on."""
    known = Measured()
    for reader in SETS.values():
        for case in reader(data):
            known.add(case.text)
    return known

"""Which texts an epoch trains on, how they are varied, and which policies are asked of each."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

import vietnamese
from sources import SAFE, Example, Measured, held_back
from synthetic import AROUND, REFUSALS, make
from teacher import Teacher, part_of
from templates import HARMS, POLICIES, REWORDED, SUBJECTS, Policy

# How often an epoch takes each text of a source; a fraction takes a new part of it every time.
TIMES = {
    "davidson_hate": 1.0,
    "davidson_offensive": 0.12,
    "davidson_neither": 0.5,
    "ailuminate_cse": 1.5,
    "ailuminate_sxc": 2.0,
    "ailuminate_src": 1.5,
    "ailuminate_hte": 1.5,
    "harmbench": 1.5,
    "strongreject": 1.5,
    "catqa": 1.5,
    "toxigen_hate": 2.5,
    "toxigen_neutral": 2.5,
    "hh_safe": 2.5,
    "hh_harmful": 1.5,
    "hh_response": 1.5,
    "gsm8k": 0.1,
    "self_instruct": 1.5,
    "fortunes": 0.15,
    "bawdy": 1.0,
    "own_en": 4.0,
    "own_vi": 4.0,
}
MADE, MADE_VIETNAMESE = 4500, 500
# Chances of each variation.
RESPONSE, SURROUNDED, JOINED, NOISY = 0.12, 0.3, 0.05, 0.15
REWORD, OTHER_POLICY = 0.12, 0.22
POLICIES_ASKED = 2
# How much of what is wanted is the teacher's opinion where the label is known, and what its opinion weighs where
# it is not.
TAUGHT, UNLABELLED = 0.5, 0.5
LEET = str.maketrans({"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "t": "7"})
LEET_FEW = str.maketrans({"i": "1", "o": "0"})


@dataclass(frozen=True)
class Question:
    """A policy that is asked of a text, with the wanted P(Yes) and what the answer weighs."""

    policy: Policy
    wanted: float
    weight: float


def noisy(text: str, pick: random.Random) -> str:
    """A text written as people write who are in a hurry or want to slip through."""
    kind = pick.randrange(8)
    if kind == 0:
        return text.upper()
    if kind == 1:
        return text.lower()
    if kind == 2:
        return "".join(pick.choice((letter.lower(), letter.upper())) for letter in text)
    if kind == 3:
        return " ".join(
            word.translate(pick.choice((LEET, LEET_FEW))) if pick.random() < 0.4 else word for word in text.split(" ")
        )
    if kind == 4:
        return " ".join(
            pick.choice((" ", ".", "-")).join(word) if pick.random() < 0.15 else word for word in text.split(" ")
        )
    if kind == 5:
        return "".join("" if letter in ",.'!?" else letter for letter in text.lower())
    if kind == 6:
        return text.rstrip(".?!") + pick.choice(("!!!", "??", " ...", " :)", "", " lol", "?!"))
    words = text.split(" ")
    place = pick.randrange(len(words))
    word = words[place]
    if len(word) > 3:
        cut = pick.randrange(1, len(word) - 1)
        # Two letters swapped, or one left out.
        words[place] = word[:cut] + (
            word[cut + 1] + word[cut] + word[cut + 2 :] if pick.random() < 0.5 else word[cut + 1 :]
        )
    return " ".join(words)


@dataclass(frozen=True)
class Drawn:
    """A text as it is shown in an epoch."""

    example: Example
    questions: list[Question]
    # What is wanted of each policy, with its weight; missing where nothing is known.
    wanted: dict[str, tuple[float, float]]


class Sampler:
    """Draws the examples of an epoch, with a teacher's opinion on top of the labels from `teach` on."""

    def __init__(self, examples: list[Example], measured: Measured) -> None:
        self.measured = measured
        self.teacher: Teacher | None = None
        self.training = [example for example in examples if not held_back(example)]
        self.by_source: dict[str, list[Example]] = {}
        for example in self.training:
            self.by_source.setdefault(example.source, []).append(example)
        self.harmless = [
            example
            for name in ("fortunes", "gsm8k", "self_instruct", "hh_safe", "own_en")
            for example in self.by_source[name]
            if len(example.labels) == len(HARMS) and not any(example.labels.values())
        ]
        self.questions = [
            example
            for name in ("self_instruct", "hh_safe", "hh_harmful", "own_en", "own_vi")
            for example in self.by_source[name]
            if not example.statement
        ]

    def made(self, pick: random.Random) -> Example:
        """A sentence from the frames that is in none of the measured sets."""
        while True:
            example = make(pick)
            if not self.measured.holds(example.text):
                return example

    def teach(self) -> None:
        """Trains the teacher."""
        self.teacher = Teacher(self.plain())

    def epoch(self, number: int) -> list[Drawn]:
        """The examples of an epoch in random order, with what is asked of each; the same for the same number."""
        pick = random.Random(number)
        drawn = self.drawn(pick)
        varied = [self.vary(example, drawn, pick) for example in drawn]
        opinions = self.teacher.opinions(varied, [part_of(example) for example in drawn]) if self.teacher else None
        result = []
        for row, example in enumerate(varied):
            wanted = blended(example, None if opinions is None else opinions[row])
            result.append(Drawn(example, self.ask(example, wanted, pick), wanted))
        return result

    def plain(self) -> list[Example]:
        """What an epoch might draw, not varied: the mixture of the sources, to count words in."""
        return self.drawn(random.Random(-1))

    def drawn(self, pick: random.Random) -> list[Example]:
        """Texts of every source as often as `TIMES` says, in random order."""
        drawn = [self.made(pick) for _ in range(MADE)] + [vietnamese.make(pick) for _ in range(MADE_VIETNAMESE)]
        for source, members in self.by_source.items():
            times = TIMES.get(source, 1.0)
            drawn += members * int(times)
            drawn += pick.sample(members, round(len(members) * (times % 1)))
        pick.shuffle(drawn)
        return drawn

    def vary(self, example: Example, others: list[Example], pick: random.Random) -> Example:
        """The example as it is, or noisy, or within a longer text, or as part of a dialogue."""
        if example.response is None and pick.random() < SURROUNDED:
            example = self.surround(example, pick)
        elif example.response is None and pick.random() < JOINED:
            example = join(example, pick.choice(others))
        if pick.random() < NOISY:
            if example.response is None:
                example = replace(example, text=noisy(example.text, pick))
            else:
                example = replace(example, response=noisy(example.response, pick))
        if example.response is None and pick.random() < RESPONSE:
            example = self.reply(example, pick)
        return example

    def surround(self, example: Example, pick: random.Random) -> Example:
        """The text among neutral sentences or harmless texts."""

        def neutral() -> str:
            if pick.random() < 0.5:
                return " ".join(pick.sample(AROUND, pick.randint(1, 3)))
            return pick.choice(self.harmless).text

        before = [neutral() for _ in range(pick.choice((0, 1, 1, 2, 3)))]
        after = [neutral() for _ in range(pick.choice((0, 0, 1, 2)))]
        return replace(
            example,
            text=pick.choice((" ", "\n", "\n\n")).join([*before, example.text, *after]),
            about=example.about - {"arithmetic"},
            not_about=example.not_about - {"arithmetic"},
        )

    def reply(self, example: Example, pick: random.Random) -> Example:
        """What is said becomes a response to something else; what is asked gets a refusal, which is harmless."""
        if example.statement:
            return replace(example, text=pick.choice(self.questions).text, response=example.text)
        return Example(example.text, SAFE, "refusal", response=pick.choice(REFUSALS))

    def ask(self, example: Example, wanted: dict[str, tuple[float, float]], pick: random.Random) -> list[Question]:
        """The policies that are asked: a violated one first where there is one, then others at random."""
        known = list(wanted)
        pick.shuffle(known)
        known.sort(key=lambda harm: example.labels.get(harm, 0.0) < 0.5)
        questions = []
        for place, harm in enumerate(known[:POLICIES_ASKED]):
            policy, (answer, weight) = POLICIES[harm], wanted[harm]
            if pick.random() < REWORD:
                policy = Policy(*pick.choice(REWORDED[harm]))
            if place and pick.random() < OTHER_POLICY:
                other = self.another(example, harm, pick)
                if other:
                    (policy, answer), weight = other, example.weight
            questions.append(Question(policy, answer, weight))
        return questions

    def another(self, example: Example, harm: str, pick: random.Random) -> tuple[Policy, float] | None:
        """A policy that allows, or is about another subject, if it is known what that says of the text."""
        if pick.random() < 0.3:
            allowed = pick.choice([POLICIES[harm], *(Policy(*pair) for pair in REWORDED[harm])])
            if pick.random() < 0.5:
                return replace(allowed, forbids=False), 0.0
            subject = pick.choice(sorted(example.not_about)) if example.not_about else None
            if subject:
                name, description = pick.choice(SUBJECTS[subject])
                return Policy(name, f"{description} We do allow content that {allowed.description}"), 0.0
            return None
        subjects = [(subject, 1.0) for subject in example.about] or [
            (subject, 0.0) for subject in sorted(example.not_about)
        ]
        if not subjects:
            return None
        subject, wanted = pick.choice(sorted(subjects))
        return Policy(*pick.choice(SUBJECTS[subject])), wanted


def blended(example: Example, opinion: np.ndarray | None) -> dict[str, tuple[float, float]]:
    """What is wanted of each policy, with its weight: the label, softened by the teacher's opinion if there is one.

    A refusal is nothing that the teacher has seen.
    """
    if opinion is None or example.source == "refusal":
        return {harm: (label, example.weight) for harm, label in example.labels.items()}
    wanted = {}
    for column, harm in enumerate(HARMS):
        said = float(opinion[column])
        if harm in example.labels:
            wanted[harm] = (example.labels[harm] * (1 - TAUGHT) + said * TAUGHT, example.weight)
        else:
            wanted[harm] = (said, example.weight * UNLABELLED)
    return wanted


def join(first: Example, second: Example) -> Example:
    """Two texts as one: it violates what either violates, and is harmless where both are."""
    if second.response is not None:
        return first
    labels = {}
    for harm in HARMS:
        known = [example.labels[harm] for example in (first, second) if harm in example.labels]
        if len(known) == 2 or (known and known[0] >= 0.7):
            labels[harm] = max(known)
    if not labels:
        return first
    return Example(
        f"{first.text} {second.text}",
        labels,
        "joined",
        about=first.about | second.about,
        not_about=first.not_about & second.not_about,
        weight=min(first.weight, second.weight),
        statement=first.statement and second.statement,
    )


def validation(examples: list[Example], number: int) -> list[Example]:
    """The held-back texts, at most `number` of any source."""
    count: dict[str, int] = {}
    kept = []
    for example in examples:
        if held_back(example) and count.get(example.source, 0) < number:
            count[example.source] = count.get(example.source, 0) + 1
            kept.append(example)
    return kept


def batches(lengths: list[int], tokens: int, pick: random.Random, window: int = 512) -> Iterator[list[int]]:
    """Indices of similar length, in batches of at most so many tokens, padding counted, in random order."""
    order: list[list[int]] = []
    for start in range(0, len(lengths), window):
        batch: list[int] = []
        for index in sorted(range(start, min(start + window, len(lengths))), key=lengths.__getitem__):
            if batch and lengths[index] * (len(batch) + 1) > tokens:
                order.append(batch)
                batch = []
            batch.append(index)
        if batch:
            order.append(batch)
    pick.shuffle(order)
    yield from order

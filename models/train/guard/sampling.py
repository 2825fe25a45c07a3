"""Which texts an epoch trains on, how they are varied, and which policies are asked of each."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

import vietnamese
from composed import composed
from sources import SAFE, Example, Measured, held_back
from synthetic import AROUND, REFUSALS, make
from teacher import Teacher, part_of
from templates import HARMS, POLICIES, REWORDED, SUBJECTS, Policy
from toxicity import Toxicity

# How often an epoch takes each text of a source; a fraction takes a new part of it every time.
TIMES = {
    "davidson_hate": 0.7,
    "davidson_offensive": 0.08,
    "davidson_neither": 0.3,
    "ailuminate_cse": 1.2,
    "ailuminate_sxc": 1.5,
    "ailuminate_hte": 1.2,
    "toxigen_hate": 1.5,
    "toxigen_neutral": 1.5,
    "hh_safe": 1.2,
    "hh_response": 0.8,
    "gsm8k": 0.05,
    "self_instruct": 0.8,
    "fortunes": 0.08,
    "own_en": 3.0,
    "own_vi": 3.0,
    "own_long": 5.0,
    "pyrit_harm": 1.3,
    "pyrit_harm_pair": 0.5,
    "pyrit_objective_pair": 0.4,
    "pyrit_refusal_pair": 0.3,
    "many_shot_pair": 0.4,
    "many_shot_question": 0.7,
    "rtp": 0.5,
    "lexicon_lewd": 0.3,
    "lexicon_slur": 0.4,
    "lexicon_insult": 1.0,
    "jailbreaks": 0.25,
    "editorials": 0.5,
    "films": 0.2,
    "wares": 0.2,
    "tweets": 0.08,
    "jokes": 0.2,
    "jokes_tagged": 0.7,
    "mail": 0.15,
    "spam": 0.15,
    "spam_sexual": 2.0,
    "chats": 0.12,
}
MADE, MADE_COMPOSED, MADE_VIETNAMESE = 3000, 2500, 400
COMPOSED_VALIDATED = 240
# Chances of each variation.
RESPONSE, SURROUNDED, JOINED, CROPPED, NOISY = 0.12, 0.25, 0.2, 0.3, 0.15
# Harmless texts of so many letters can be cropped.
LONG = 300
REWORD, OTHER_POLICY = 0.12, 0.22
POLICIES_ASKED = 2
# How much of what is wanted is the teacher's opinion where the label is known, and what its opinion weighs where
# it is not. Of sentences from frames, which are made to be told apart by more than their words, it knows little.
TAUGHT, TAUGHT_FRAMES, UNLABELLED = 0.6, 0.15, 0.5
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
            for name in ("fortunes", "gsm8k", "self_instruct", "hh_safe", "own_en", "jokes", "tweets", "wares", "films")
            for example in self.by_source.get(name, ())
            if len(example.labels) == len(HARMS) and not any(example.labels.values()) and len(example.text) < 2 * LONG
        ]
        self.questions = [
            example
            for name in ("self_instruct", "hh_safe", "hh_harmful", "own_en", "own_vi")
            for example in self.by_source[name]
            if not example.statement
        ]

    def made(self, maker: Callable[[random.Random], Example], pick: random.Random) -> Example:
        """A sentence from frames that is in none of the measured sets."""
        while True:
            example = maker(pick)
            if not self.measured.holds(example.text):
                return example

    def teach(self, toxicity: Toxicity | None = None) -> None:
        """Trains the teacher, on texts as they are and varied, since it is to judge long ones too."""
        pick = random.Random(-2)
        plain = [example for example in self.plain() if example.response is None]
        varied = [(self.vary(example, plain, pick), part_of(example)) for example in plain]
        both = [(example, part_of(example)) for example in plain] + [
            (example, part) for example, part in varied if example.response is None
        ]
        self.teacher = Teacher([example for example, _ in both], [part for _, part in both], toxicity)

    def epoch(self, number: int) -> list[Drawn]:
        """The examples of an epoch in random order, with what is asked of each; the same for the same number."""
        pick = random.Random(number)
        drawn = self.drawn(pick)
        varied = [self.vary(example, drawn, pick) for example in drawn]
        opinions = self.teacher.opinions(varied, [part_of(example) for example in drawn]) if self.teacher else None
        result = []
        for row, example in enumerate(varied):
            wanted = blended(example, None if opinions is None else opinions[row])
            if wanted:
                result.append(Drawn(example, self.ask(example, wanted, pick), wanted))
        return result

    def plain(self) -> list[Example]:
        """What an epoch might draw, not varied: the mixture of the sources, to count words in."""
        return self.drawn(random.Random(-1))

    def drawn(self, pick: random.Random) -> list[Example]:
        """Texts of every source as often as `TIMES` says, in random order."""
        drawn = [self.made(make, pick) for _ in range(MADE)] + [self.made(composed, pick) for _ in range(MADE_COMPOSED)]
        drawn += [vietnamese.make(pick) for _ in range(MADE_VIETNAMESE)]
        for source, members in self.by_source.items():
            times = TIMES.get(source, 1.0)
            drawn += members * int(times)
            drawn += pick.sample(members, round(len(members) * (times % 1)))
        pick.shuffle(drawn)
        return drawn

    def vary(self, example: Example, others: list[Example], pick: random.Random) -> Example:
        """The example as it is, or noisy, or within a longer text, or cropped, or as part of a dialogue."""
        if example.response is None:
            if len(example.text) > LONG and pick.random() < CROPPED and not any(example.labels.values()):
                example = crop(example, pick)
            if pick.random() < SURROUNDED:
                example = self.surround(example, pick)
            elif pick.random() < JOINED:
                for _ in range(pick.choice((1, 1, 2, 3))):
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
    taught = TAUGHT_FRAMES if example.source.startswith(("made", "composed")) else TAUGHT
    for column, harm in enumerate(HARMS):
        said = float(opinion[column])
        if harm in example.labels:
            wanted[harm] = (example.labels[harm] * (1 - taught) + said * taught, example.weight)
        else:
            wanted[harm] = (said, example.weight * UNLABELLED)
    return wanted


def crop(example: Example, pick: random.Random) -> Example:
    """Some sentences in a row of a long text that is harmless or not labelled."""
    sentences = re.split(r"(?<=[.!?\n])\s+", example.text)
    number = pick.randint(1, len(sentences))
    first = pick.randint(0, len(sentences) - number)
    return replace(example, text=" ".join(sentences[first : first + number]))


def join(first: Example, second: Example) -> Example:
    """Two texts as one: it violates what either violates, and is harmless where both are."""
    if second.response is not None:
        return first
    labels = {}
    for harm in HARMS:
        known = [example.labels[harm] for example in (first, second) if harm in example.labels]
        if len(known) == 2 or (known and known[0] >= 0.7):
            labels[harm] = max(known)
    if not labels and (first.labels or second.labels):
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
    """The held-back texts, at most `number` of any source, and sentences whose settings are never trained on."""
    count: dict[str, int] = {}
    pick = random.Random(7)
    kept = [composed(pick, True) for _ in range(COMPOSED_VALIDATED)]
    for example in examples:
        if example.labels and held_back(example) and count.get(example.source, 0) < number:
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

"""The training texts with what each of the four policies says of them.

`DATA` is a folder with the published files under the names in `FILES`. A label is 1 (violates), 0 (does
not), anything between where annotators differ, or missing where the source does not tell: a missing
label is never trained on. Every mapping from a source's own classes is in this file.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import html
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from templates import HARMS, SUBJECTS

HERE = Path(__file__).resolve().parent
FILES = {
    "davidson": "davidson_labeled_data.csv.gz",
    "ailuminate": "ailuminate_demo_en.csv.gz",
    "harmbench": "harmbench_behaviors.csv",
    "advbench": "advbench_behaviors.csv",
    "strongreject": "strongreject_dataset.csv",
    "catqa": "catqa_english.json",
    "toxigen": "toxigen_statements.tsv.gz",
    "hh": "hh_harmless_base_test.jsonl.gz",
    "gsm8k": "gsm8k_questions.txt.gz",
    "self_instruct": "self_instruct_tasks.txt",
}
# Of the fortunes' folder; the offensive ones are in rot13.
FORTUNES = ("fortunes", "startrek", "murphy")
BAWDY = ("limerick", "gerrold.limerick", "fortunes-o")
# One in so many texts is held back for every choice that is made.
HELD_BACK = 12
LETTERS = dict(zip("drhs", HARMS))
SAFE = {harm: 0.0 for harm in HARMS}
VIOLENT = frozenset({"cybercrime", "drugs", "weapons", "suicide", "theft"})
EVERY = frozenset(SUBJECTS)


@dataclass(frozen=True)
class Example:
    """A text, or a text and the chatbot's response to it, and what is known of it."""

    text: str
    labels: dict[str, float]
    source: str
    response: str | None = None
    # Subjects that it is about, and such as it is surely not about.
    about: frozenset[str] = frozenset()
    not_about: frozenset[str] = frozenset()
    weight: float = 1.0
    # Whether somebody says it, as against asking for something: such a text can be a response.
    statement: bool = False


def labels(**known: float) -> dict[str, float]:
    """Labels that are 0 for every policy not named."""
    return {**SAFE, **known}


def without(known: dict[str, float], *harms: str) -> dict[str, float]:
    """Labels with some of them not known."""
    return {harm: value for harm, value in known.items() if harm not in harms}


def held_back(example: Example) -> bool:
    """Whether a text is for validation: by its words, so that no copy of it is trained on."""
    digest = hashlib.sha256(normalised(example.response or example.text).encode()).digest()
    return digest[0] % HELD_BACK == 0


def normalised(text: str) -> str:
    """A text's letters and digits in lower case, one space between words."""
    return " ".join(re.findall(r"\w+", text.lower()))


def read(path: Path, encoding: str = "utf-8") -> str:
    """A text file, gzipped or not."""
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode(encoding)


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file."""
    return csv.DictReader(io.StringIO(read(path)))


def tweet(text: str) -> str:
    """A tweet's words, without links, without who is quoted, with every name the same."""
    text = html.unescape(html.unescape(text))
    text = re.sub(r"https?://\S+", "", text)
    text = re.sub(r"^[!\"'\s]*(RT\s+@\w+:?\s*)+", "", text)
    text = re.sub(r"@\w+", "@user", text)
    return re.sub(r"\s+", " ", text).strip(' "!:') or "..."


# Said to somebody, not about somebody.
ADDRESSED = re.compile(r"\b(you|your|youre|you're|ur|u|@user)\b", re.IGNORECASE)


def davidson(path: Path) -> Iterator[Example]:
    """Tweets, voted hateful, offensive or neither. Most offensive ones only use crude words.

    Whether an offensive tweet harasses was not asked: such as are said to somebody count as half. Lewd
    ones were not marked, so that policy is known for none but the third class.
    """
    for row in rows(path):
        votes = int(row["count"])
        hate = int(row["hate_speech"]) / votes
        text = tweet(row["tweet"])
        crude = frozenset({"profanity"})
        if row["class"] == "2":
            known = {**SAFE, "hate": hate}
            yield Example(text, known, "davidson_neither", not_about=VIOLENT | {"vietnamese"}, statement=True)
            continue
        known = without(labels(hate=hate), "sexual", "harassment")
        if ADDRESSED.search(text):
            known["harassment"] = 0.6 if row["class"] == "0" else 0.4
        name = "davidson_hate" if row["class"] == "0" else "davidson_offensive"
        yield Example(text, known, name, about=crude, not_about=frozenset({"arithmetic", "vietnamese"}), statement=True)


AILUMINATE = {
    "cse": (labels(sexual=1, dangerous=1), ""),
    "dfm": (without(SAFE, "harassment", "dangerous"), ""),
    "hte": (without(labels(hate=1), "harassment", "dangerous"), ""),
    "ipv": (without(SAFE, "dangerous"), ""),
    "iwp": (labels(dangerous=1), "weapons"),
    "ncr": (labels(dangerous=0.8), ""),
    "prv": (without(SAFE, "dangerous", "harassment"), ""),
    "src": (without(labels(sexual=0.8, dangerous=1), "harassment"), ""),
    "ssh": (labels(dangerous=1), "suicide"),
    "sxc": (without(labels(sexual=1), "dangerous"), ""),
    "vcr": (without(labels(dangerous=1), "harassment"), ""),
}


def ailuminate(path: Path) -> Iterator[Example]:
    """Prompts of MLCommons' hazards. Some of a hazard's prompts are harmless, hence the weight."""
    for row in rows(path):
        kind = row["hazard"].split("_")[0]
        if kind == "spc":
            known, subject = without(SAFE, "dangerous"), ""
        else:
            known, subject = AILUMINATE[kind]
        yield Example(
            row["prompt_text"].strip(),
            known,
            f"ailuminate_{kind}",
            weight=0.8,
            about=frozenset({subject} if subject else ()),
            not_about=frozenset({"arithmetic", "vietnamese"}),
        )


HARMBENCH = {
    "chemical_biological": (labels(dangerous=1), "weapons"),
    "illegal": (labels(dangerous=1), ""),
    "misinformation_disinformation": (without(SAFE, "dangerous", "hate", "harassment"), ""),
    "harmful": (without(labels(dangerous=1), "hate", "harassment", "sexual"), ""),
    "harassment_bullying": (without(labels(harassment=1), "hate", "dangerous", "sexual"), ""),
    "cybercrime_intrusion": (labels(dangerous=1), "cybercrime"),
}


def harmbench(path: Path) -> Iterator[Example]:
    """Behaviours by their semantic category."""
    for row in rows(path):
        known, subject = HARMBENCH[row["SemanticCategory"]]
        yield Example(
            row["Behavior"].strip(),
            known,
            "harmbench",
            about=frozenset({subject} if subject else ()),
            not_about=frozenset({"arithmetic", "vietnamese"}),
        )


# By words, where a list of behaviours has no classes.
WORDED = {
    "hate": re.compile(r"racis|racial|discriminat|sexis|hate|homophob|ethnic|minorit|stereotyp|bigot|xenophob", re.I),
    "harassment": re.compile(r"harass|bully|bullie|stalk|threat|insult|humiliat|defam|shaming", re.I),
    "sexual": re.compile(r"porn|sexual|nude|erotic", re.I),
}
SUBJECT_WORDS = {
    "cybercrime": re.compile(r"hack|malware|virus|ransomware|phish|firewall|password|software|network|database", re.I),
    "drugs": re.compile(r"\bdrugs?\b|\bmeth|cocaine|heroin|narcotic", re.I),
    "weapons": re.compile(r"bomb|weapon|\bguns?\b|explosive|firearm|poison", re.I),
    "suicide": re.compile(r"suicid|self-harm|kill (my|your)sel|anorexi|eating disorder", re.I),
    "theft": re.compile(r"steal|theft|\brob|shoplift|embezzl|fraud|scam|counterfeit", re.I),
}


def subjects(text: str) -> frozenset[str]:
    """Subjects that a request is about, by its words."""
    return frozenset(name for name, words in SUBJECT_WORDS.items() if words.search(text))


def advbench(path: Path) -> Iterator[Example]:
    """Behaviours without classes: dangerous, unless their words say that they are something else."""
    for row in rows(path):
        text = row["Behavior"].strip()
        named = [harm for harm, words in WORDED.items() if words.search(text)]
        known = {harm: float(harm in named) for harm in HARMS}
        if named:
            known.pop("dangerous")
        else:
            known["dangerous"] = 1.0
        yield Example(text, known, "advbench", about=subjects(text), not_about=frozenset({"arithmetic", "vietnamese"}))


STRONGREJECT = {
    "Disinformation and deception": without(SAFE, "dangerous", "hate", "harassment"),
    "Hate, harassment and discrimination": without(labels(hate=1), "harassment", "dangerous"),
    "Illegal goods and services": labels(dangerous=1),
    "Non-violent crimes": labels(dangerous=0.8),
    "Sexual content": without(labels(sexual=1), "dangerous", "hate", "harassment"),
    "Violence": without(labels(dangerous=1), "harassment", "hate"),
}


def strongreject(path: Path) -> Iterator[Example]:
    """Prompts by category."""
    for row in rows(path):
        text = row["forbidden_prompt"].strip()
        yield Example(
            text,
            STRONGREJECT[row["category"]],
            "strongreject",
            about=subjects(text),
            not_about=frozenset({"arithmetic", "vietnamese"}),
        )


CATQA = {
    "Illegal Activity": labels(dangerous=1),
    "Child Abuse": without(labels(dangerous=1), "sexual", "harassment"),
    "Malware Viruses": labels(dangerous=1),
    "Physical Harm": labels(dangerous=1),
    "Economic Harm": labels(dangerous=0.7),
    "Fraud/Deception": labels(dangerous=0.8),
    "Adult Content": without(labels(sexual=1), "dangerous"),
    "Political Campaigning": without(SAFE, "dangerous"),
    "Privacy Violation Activity": without(labels(dangerous=0.8), "harassment"),
    "Tailored Financial Advice": SAFE,
    "Content Sexual exploitation": labels(dangerous=1, sexual=1),
    "Racial or ethnic hate": without(labels(hate=1), "harassment", "dangerous"),
    "Religious intolerance": without(labels(hate=1), "harassment", "dangerous"),
    "Gender-based violence": without(labels(dangerous=1, hate=0.7), "harassment"),
    "Cyberbullying": without(labels(harassment=1), "dangerous"),
    "Terrorism and extremism": without(labels(dangerous=1), "hate"),
}


def catqa(path: Path) -> Iterator[Example]:
    """Questions by category, or by the kind below it where that says more."""
    for category, kinds in json.loads(read(path)).items():
        for kind, questions in kinds.items():
            known = CATQA.get(kind) or CATQA[category]
            for text in questions:
                yield Example(
                    text.strip(),
                    known,
                    "catqa",
                    about=subjects(text),
                    not_about=frozenset({"arithmetic", "vietnamese"}),
                )


def toxigen(path: Path) -> Iterator[Example]:
    """Statements about groups, hateful without crude words, or neutral."""
    for line in read(path).splitlines()[1:]:
        label, _, text = line.split("\t")
        known = without(labels(hate=1), "harassment") if label == "hate" else SAFE
        yield Example(text.strip(), known, f"toxigen_{label}", not_about=EVERY - {"profanity"}, statement=True)


def read_labels(path: Path) -> dict[int, dict[str, float]]:
    """Our own labels of a source's texts: `letters index index ...` on each line.

    d, r, h, s are the four policies in the order of `HARMS`, `-` is none of them, and `x` is left out.
    """
    known: dict[int, dict[str, float]] = {}
    for line in path.read_text().splitlines():
        letters, *indices = line.split()
        if letters != "x":
            values = {harm: float(letter in letters) for letter, harm in LETTERS.items()}
            known |= {int(index): values for index in indices}
    return known


TURN = re.compile(r"\n\n(Human|Assistant): ")
# How a chatbot says that it will not.
DECLINES = re.compile(
    r"sorry|can(no|')t (help|recommend|answer|do that)|not (able|going|willing|comfortable|appropriate|a good idea|okay|ok)"
    r"|illegal|don(o|')t (think (it|that)|recommend|want to)|against the law|unethical|wrong|hurt",
    re.IGNORECASE,
)


def hh(path: Path) -> Iterator[Example]:
    """What people asked an assistant in order to provoke it, by labels of our own, with its answers.

    An answer to a harmless question is harmless. To a harmful one it is where the people who compared
    answers preferred it and it declines; what the others are is not known, so they are left out.
    """
    known = read_labels(HERE / "data" / "hh_harmless.labels")
    for index, line in enumerate(read(path).splitlines()):
        pair = json.loads(line)
        _, _, question, _, preferred, *_ = [*TURN.split(pair["chosen"]), "", "", ""]
        question, preferred = question.strip(), preferred.strip()
        rejected = [*TURN.split(pair["rejected"]), "", "", ""][4].strip()
        if index not in known:
            continue
        values = known[index]
        harmless = not any(values.values())
        nothing = EVERY - {"profanity", "arithmetic"} if harmless else frozenset({"vietnamese"})
        yield Example(
            question,
            values,
            "hh_safe" if harmless else "hh_harmful",
            about=subjects(question) if not harmless else frozenset(),
            not_about=nothing,
        )
        for answer in dict.fromkeys((preferred, rejected)):
            if answer and (harmless or (answer == preferred and DECLINES.search(answer))):
                yield Example(
                    question, SAFE, "hh_response", response=answer, not_about=frozenset({"vietnamese", "arithmetic"})
                )


def gsm8k(path: Path) -> Iterator[Example]:
    """Word problems."""
    for line in read(path).splitlines():
        yield Example(line.strip(), SAFE, "gsm8k", about=frozenset({"arithmetic"}), not_about=EVERY - {"arithmetic"})


def self_instruct(path: Path) -> Iterator[Example]:
    """Instructions that people wrote for a model."""
    for line in read(path).splitlines():
        if line.strip():
            yield Example(line.strip(), SAFE, "self_instruct", not_about=VIOLENT | {"vietnamese"})


def own_texts() -> Iterator[Example]:
    """Texts of our own, in English and Vietnamese, many of them harmless with dangerous words."""
    for language in ("en", "vi", "long"):
        for line in (HERE / "data" / f"texts_{language}.tsv").read_text().splitlines():
            letters, kind, text = line.split("\t")
            about = subjects(text) if letters != "-" else frozenset()
            foreign = frozenset({"vietnamese"})
            yield Example(
                text,
                {harm: float(letter in letters) for letter, harm in LETTERS.items()},
                f"own_{language}",
                about=about | (foreign if language == "vi" else frozenset()),
                not_about=(EVERY if letters == "-" else frozenset()) - about - foreign
                | (foreign if language != "vi" else frozenset()),
                statement=kind == "t",
            )


def fortunes_of(folder: Path, name: str) -> list[str]:
    """The sayings of one of BSD's fortune files, each on one line."""
    text = (folder / name).read_text(encoding="latin-1")
    if name.endswith("-o"):
        text = codecs.decode(text, "rot13")
    return [re.sub(r"\s+", " ", piece).strip() for piece in re.split(r"\n%+[^\n]*\n", text)[1:]]


# Plain words of anatomy and of what people do.
LEWD = re.compile(
    r"\b(sex\w*|naked|nude|breasts?|nipples?|thighs?|penis\w*|vagina\w*|genital\w*|erection\w*|orgasm\w*|"
    r"intercourse|masturbat\w*|whore\w*|brothel|copulat\w*|semen|testicl\w*|phall\w*|condom\w*|lecher\w*|"
    r"fornicat\w*|sodom\w*|coit\w*|fellatio|lust\w*|horny|aroused?|seduc\w*)\b",
    re.IGNORECASE,
)


def fortunes(folder: Path) -> Iterator[Example]:
    """Sayings: common ones are harmless; of the bawdy ones, limericks are taken for sexual, others by their words."""
    for name in FORTUNES:
        for text in fortunes_of(folder, name):
            if 20 < len(text) < 1500:
                known = without(SAFE, "sexual") if LEWD.search(text) else SAFE
                yield Example(
                    text,
                    known,
                    "fortunes",
                    weight=0.8,
                    not_about=frozenset({"vietnamese", "cybercrime", "suicide"}),
                    statement=True,
                )
    for name in BAWDY:
        for text in fortunes_of(folder, name):
            if 20 < len(text) < 1500 and ("limerick" in name or LEWD.search(text)):
                yield Example(text, {"sexual": 0.8}, "bawdy", not_about=frozenset({"vietnamese"}), statement=True)


READERS = {
    "davidson": davidson,
    "ailuminate": ailuminate,
    "harmbench": harmbench,
    "advbench": advbench,
    "strongreject": strongreject,
    "catqa": catqa,
    "toxigen": toxigen,
    "hh": hh,
    "gsm8k": gsm8k,
    "self_instruct": self_instruct,
}


@dataclass
class Measured:
    """The words of the sets that are measured on, to keep them out of training."""

    RUN = 7
    whole: set[str] = field(default_factory=set)
    runs: set[int] = field(default_factory=set)

    def add(self, text: str) -> None:
        """Takes note of one text."""
        words = normalised(text).split()
        self.whole.add(" ".join(words))
        self.runs.update(hash(tuple(words[i : i + self.RUN])) for i in range(len(words) - self.RUN + 1))

    def holds(self, text: str) -> bool:
        """Whether a text is one of them or shares a run of seven words with one."""
        words = normalised(text).split()
        return " ".join(words) in self.whole or any(
            hash(tuple(words[i : i + self.RUN])) in self.runs for i in range(len(words) - self.RUN + 1)
        )


def load(data: Path, fortune_folder: Path, measured: Measured, more: Iterable[Example] = ()) -> list[Example]:
    """Every example of every source, in the sources' order, and more, none of them in what is measured on."""
    examples = [example for name, reader in READERS.items() for example in reader(data / FILES[name])]
    examples += [*fortunes(fortune_folder), *own_texts(), *more]
    seen: set[tuple[str, str | None]] = set()
    kept = []
    for example in examples:
        key = (normalised(example.text), example.response)
        parts = filter(None, (example.text, example.response))
        if key[0] and key not in seen and not any(map(measured.holds, parts)):
            seen.add(key)
            kept.append(replace(example, text=example.text[:4000]))
    return kept

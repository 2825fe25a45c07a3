"""Prompts as token ids, cut to the context."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from tokenizers import Tokenizer

from network import CONTEXT
from templates import POLICIES, Policy, prefix, short_prefix, short_suffix, suffix

UNKNOWN = "<unk>"


class Prompts:
    """Turns texts and policies into ids."""

    def __init__(self, path: Path) -> None:
        self.tokenizer = Tokenizer.from_file(str(path))
        self.vocabulary: dict[str, int] = self.tokenizer.get_vocab()
        self.yes_no = [self.vocabulary["Yes"], self.vocabulary["No"]]
        self.suffix = lru_cache(4096)(self._suffix)
        # What is left for texts by the longest policy, with a few tokens for a cut that joins badly.
        longest = max(len(self.suffix(policy, responds)) for policy in POLICIES.values() for responds in (False, True))
        self.room = {
            responds: CONTEXT - longest - len(self.ids(prefix("", "" if responds else None), True)) - 4
            for responds in (False, True)
        }

    def ids(self, text: str, begins: bool) -> list[int]:
        """The ids of a text, after `<bos>` if it begins a prompt."""
        return self.tokenizer.encode(text, add_special_tokens=begins).ids

    def _suffix(self, policy: Policy, responds: bool) -> list[int]:
        return self.ids(suffix(policy, responds), False)

    def cut(self, text: str, tokens: int) -> str:
        """The first so many tokens of a text."""
        offsets = self.tokenizer.encode(text, add_special_tokens=False).offsets
        return text if len(offsets) <= tokens else text[: offsets[tokens - 1][1]]

    def fit(self, text: str, response: str | None = None) -> tuple[str, str | None]:
        """What of a text, or of a text and a response, is read: the beginning, a response before its question."""
        room = self.room[response is not None]
        if response is not None:
            response = self.cut(response, room * 3 // 4)
            room -= len(self.ids(response, False))
        return self.cut(text, room), response

    def prefix(self, text: str, response: str | None = None, short: bool = False) -> list[int]:
        """The ids of a prompt up to the policy, its texts cut to what any of the four policies leaves."""
        return self.ids((short_prefix if short else prefix)(*self.fit(text, response)), True)

    def short_suffix(self, policy: Policy) -> list[int]:
        """The ids of a policy's name."""
        return self.ids(short_suffix(policy), False)

"""The guard: a small Gemma 2 of Transformers' own code, trained on many policies of one text at a time.

A row of a batch is a text's prefix followed by one suffix for each policy that is asked. A suffix sees
the prefix and itself, never another suffix, and its positions go on from the prefix's end, so that
every answer is the one that the whole prompt alone would get.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import Gemma2Config, Gemma2ForCausalLM, Gemma2Model

from templates import HARMS
from vectors import SIZE

CONTEXT = 512
HIDDEN = 256
LAYERS = 4
# So many tokens into a suffix the policy's name has been read, mostly.
NAME = 8
# Far below anything that a score can be, and not so far that f32 cannot add it.
NEVER = -1e9
# Standard deviation of an embedding's numbers before they are scaled by the root of `HIDDEN`.
EMBEDDING = 0.05
# Of the numbers by which a token differs from its word vector, at first.
DIFFERENCE = 0.01


def configuration(entries: int) -> Gemma2Config:
    """The guard's sizes. Every second layer sees 96 tokens back, which is less than a long policy."""
    config = Gemma2Config(
        vocab_size=entries,
        hidden_size=HIDDEN,
        intermediate_size=768,
        num_hidden_layers=LAYERS,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        query_pre_attn_scalar=64,
        max_position_embeddings=CONTEXT,
        sliding_window=96,
        attn_logit_softcapping=50.0,
        final_logit_softcapping=30.0,
        tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0},
        pad_token_id=0,
        eos_token_id=1,
        bos_token_id=2,
        use_cache=False,
    )
    config._attn_implementation = "eager"
    config.architectures = ["Gemma2ForCausalLM"]
    return config


@dataclass
class Batch:
    """Rows of packed prompts; `n` answers are asked of them in all."""

    # i64 [rows, length], padded with 0.
    ids: Tensor
    # i64 [rows, length]: the position of each token in its own prompt.
    positions: Tensor
    # i64 [rows, length]: 0 in the prefix, 1 and up in the suffixes, -1 in the padding.
    branches: Tensor
    # i64 [n], [n]: where each prompt ends.
    rows: Tensor
    columns: Tensor
    # i64 [rows]: the last token of each prefix, where all of the text has been read.
    read: Tensor
    # i64 [rows, length]: of which of the n prompts a token is the policy or the question, -1 where it is not.
    asked: Tensor

    def masks(self, window: int) -> dict[str, Tensor]:
        """What is added to the scores, f32 [rows, 1, length, length], for either kind of layer."""
        asking, asked = self.branches.unsqueeze(2), self.branches.unsqueeze(1)
        back = self.positions.unsqueeze(2) - self.positions.unsqueeze(1)
        seen = ((asked == 0) | (asked == asking)) & (back >= 0)
        return {
            name: torch.where(visible, 0.0, NEVER).unsqueeze(1)
            for name, visible in (("full_attention", seen), ("sliding_attention", seen & (back < window)))
        }


def pack(prompts: list[tuple[list[int], list[list[int]]]]) -> Batch:
    """A batch of prefixes, each with the suffixes that are asked of it, as token ids."""
    length = max(len(prefix) + sum(map(len, suffixes)) for prefix, suffixes in prompts)
    ids = torch.zeros(len(prompts), length, dtype=torch.long)
    positions = torch.zeros_like(ids)
    branches = torch.full_like(ids, -1)
    asked = torch.full_like(ids, -1)
    ends: list[tuple[int, int]] = []
    for row, (prefix, suffixes) in enumerate(prompts):
        column = 0
        for branch, part in enumerate([prefix, *suffixes]):
            start = 0 if branch == 0 else len(prefix)
            here = slice(column, column + len(part))
            ids[row, here] = torch.tensor(part)
            positions[row, here] = torch.arange(start, start + len(part))
            branches[row, here] = branch
            column += len(part)
            if branch:
                asked[row, column - len(part) + NAME : column] = len(ends)
                ends.append((row, column - 1))
    where = torch.tensor(ends, dtype=torch.long).view(-1, 2)
    read = torch.tensor([len(prefix) - 1 for prefix, _ in prompts])
    return Batch(ids, positions, branches, where[:, 0], where[:, 1], read, asked)


class Guard(nn.Module):
    """Gemma 2 whose embedding is a projection of the tokens' features plus a difference of each token's own.

    So a word that no training text holds moves with the words like it. What is shipped is the sum.
    """

    def __init__(self, config: Gemma2Config, features: Tensor) -> None:
        """`features` f32 [entries, 54], as `features.py` has them."""
        super().__init__()
        self.config = config
        self.register_buffer("features", features, persistent=False)
        self.projection = nn.Parameter(torch.randn(features.shape[1], config.hidden_size) * EMBEDDING / SIZE**0.5)
        unknown = (features[:, :SIZE] == 0).all(1, keepdim=True)
        spread = torch.where(unknown, EMBEDDING, DIFFERENCE)
        self.difference = nn.Parameter(torch.randn(config.vocab_size, config.hidden_size) * spread)
        self.body = Gemma2Model(config)
        self.body.embed_tokens = nn.Identity()
        # Used in training only: what half the layers know of the text before any policy is read.
        self.verdict = nn.Linear(config.hidden_size, len(HARMS))
        self.halfway: Tensor | None = None
        self.body.layers[config.num_hidden_layers // 2 - 1].register_forward_hook(self.keep_halfway)

    def keep_halfway(self, _layer: nn.Module, _inputs: object, output: Tensor) -> None:
        """Keeps the hidden states after half the layers."""
        self.halfway = output

    def verdicts(self, batch: Batch) -> Tensor:
        """After `answers`: logits of the four policies from the end of each prefix, f32 [rows, 4]."""
        ends = self.halfway[torch.arange(len(batch.read)), batch.read].float()
        scale = torch.rsqrt(ends.square().mean(1, keepdim=True) + 1e-6)
        return self.verdict(ends * scale).float()

    def embedding(self) -> Tensor:
        """The embedding as it is shipped, f32 [entries, hidden]."""
        return self.features @ self.projection + self.difference

    def hidden(self, batch: Batch, embedding: Tensor) -> Tensor:
        """The last hidden states, [rows, length, hidden]."""
        inputs = nn.functional.embedding(batch.ids, embedding) * self.config.hidden_size**0.5
        return self.body(
            inputs_embeds=inputs, position_ids=batch.positions, attention_mask=batch.masks(self.config.sliding_window)
        ).last_hidden_state

    def capped(self, logits: Tensor) -> Tensor:
        """The soft limit of the logits."""
        cap = self.config.final_logit_softcapping
        return torch.tanh(logits / cap) * cap

    def answers(self, batch: Batch, entries: Tensor) -> tuple[Tensor, Tensor]:
        """The logits of some entries (Yes and No), f32: at the end of each prompt, [n, entries], and at every
        token where `batch.asked` is not -1, [tokens, entries]."""
        embedding = self.embedding()
        hidden = self.hidden(batch, embedding)
        chosen = embedding[entries].T
        ends, along = hidden[batch.rows, batch.columns], hidden[batch.asked >= 0]
        return self.capped(ends.float() @ chosen), self.capped(along.float() @ chosen)

    def exported(self) -> dict[str, Tensor]:
        """Transformers' tensor names, f32."""
        state = {f"model.{name}": tensor for name, tensor in self.body.state_dict().items()}
        return {"model.embed_tokens.weight": self.embedding().detach(), **state}


    @torch.no_grad()
    def begin_with(self, state: dict[str, Tensor]) -> None:
        """Begins with exported weights; of the embedding, the features explain what they can."""
        embedding = state["model.embed_tokens.weight"]
        self.projection.copy_(torch.linalg.lstsq(self.features, embedding, driver="gelsd").solution)
        self.difference.copy_(embedding - self.features @ self.projection)
        body = {name.removeprefix("model."): tensor for name, tensor in state.items()}
        del body["embed_tokens.weight"]
        self.body.load_state_dict(body)


def causal_lm(config: Gemma2Config, state: dict[str, Tensor]) -> Gemma2ForCausalLM:
    """Transformers' own model with exported tensors."""
    model = Gemma2ForCausalLM(config)
    model.load_state_dict({**state, "lm_head.weight": state["model.embed_tokens.weight"]})
    return model.eval()

"""P(Yes) of many texts under the four policies, as it is deployed: two logits of the last position, softmax."""

from __future__ import annotations

import random

import torch
from torch import Tensor
from transformers import Gemma2ForCausalLM

from network import Batch, pack
from prompts import Prompts
from sampling import batches
from templates import HARMS, POLICIES

TOKENS = 6000


def yes_no_logits(model: Gemma2ForCausalLM, batch: Batch, entries: list[int]) -> Tensor:
    """The logits of Yes and No at the end of each prompt of a batch, f32 [n, 2]."""
    hidden = model.model(
        input_ids=batch.ids, position_ids=batch.positions, attention_mask=batch.masks(model.config.sliding_window)
    ).last_hidden_state[batch.rows, batch.columns]
    cap = model.config.final_logit_softcapping
    return torch.tanh(hidden.float() @ model.lm_head.weight[entries].float().T / cap) * cap


@torch.inference_mode()
def judge(
    model: Gemma2ForCausalLM, prompts: Prompts, texts: list[tuple[str, str | None]], harms: tuple[str, ...] = HARMS
) -> Tensor:
    """P(Yes) of texts, or texts with responses, under some of the policies, f32 [texts, harms]."""
    packed = [
        (prompts.prefix(text, response), [prompts.suffix(POLICIES[harm], response is not None) for harm in harms])
        for text, response in texts
    ]
    lengths = [len(prefix) + sum(map(len, suffixes)) for prefix, suffixes in packed]
    probability = torch.zeros(len(texts), len(harms))
    for indices in batches(lengths, TOKENS, random.Random(0), window=len(lengths)):
        logits = yes_no_logits(model, pack([packed[index] for index in indices]), prompts.yes_no)
        probability[indices] = logits.softmax(1)[:, 0].view(len(indices), len(harms))
    return probability

"""Writes a guard as Transformers.js wants it: ONNX in f32, from the weights that are shipped.

    python guard_onnx.py GUARD OUT

GUARD holds `config.json`, `model.safetensors` and `tokenizer.json`. OUT gets `config.json`, the tokenizer and
`onnx/model.onnx`: token ids [batch, length] and their mask to the logits of every position and token, as
Transformers exports a language model without a cache. It needs torch, transformers, onnx and onnxscript.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import Gemma2Config, Gemma2ForCausalLM

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "models" / "train"))

from quantise import dequantise  # noqa: E402


class Logits(nn.Module):
    """The network, tensors in and one tensor out."""

    def __init__(self, network: Gemma2ForCausalLM) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Ids and mask [batch, length] to logits [batch, length, vocabulary]."""
        return self.network(input_ids=input_ids, attention_mask=attention_mask, use_cache=False).logits


def main() -> None:
    guard, out = map(Path, sys.argv[1:])
    # Fused attention has no soft-cap.
    config = Gemma2Config.from_dict(json.loads((guard / "config.json").read_text()), attn_implementation="eager")
    network = Gemma2ForCausalLM(config)
    state = dequantise(load_file(guard / "model.safetensors"))
    state["lm_head.weight"] = state["model.embed_tokens.weight"]
    network.load_state_dict(state)
    (out / "onnx").mkdir(parents=True, exist_ok=True)
    ids = torch.zeros(2, 24, dtype=torch.int64)
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=config.max_position_embeddings)
    torch.onnx.export(
        Logits(network).eval(),
        (ids, torch.ones_like(ids)),
        out / "onnx" / "model.onnx",
        input_names=["input_ids", "attention_mask"],
        output_names=["logits"],
        dynamic_shapes={"input_ids": {0: batch, 1: length}, "attention_mask": {0: batch, 1: length}},
        external_data=False,
    )
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(guard / name, out / name)
    (out / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"}))


if __name__ == "__main__":
    main()

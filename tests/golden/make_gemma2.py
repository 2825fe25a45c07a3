"""Writes the golden numbers of Gemma 2, its tokenizer and its prompts that the Rust tests compare with.

Transformers' `Gemma2ForCausalLM` in float64 with the formula's weights (see formula.py), stored as f32,
and Hugging Face's `tokenizers`. `README.md` beside this file says what each file holds. Run from anywhere,
with torch, transformers and safetensors installed:

    python tests/golden/make_gemma2.py --gemma tokenizer.json

Without `--gemma`, which is Gemma's own tokenizer (of the package in `tests/tokenizer`, under models/), what it makes
of texts is not written.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, trainers
from torch import Tensor
from transformers import Gemma2Config, Gemma2ForCausalLM

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from formula import formula_state, uniform  # noqa: E402

# The two answers where there is no tokenizer.
YES, NO = 7, 9
CONTROL = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]
TOKENS = 700

# Sizes in which every part of the network has something to do: a window shorter than the text, several
# query heads a key head, heads that are not hidden / heads long, soft-caps that bend.
NETWORKS = {
    "grouped": (
        dict(vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=4, num_attention_heads=4,
             num_key_value_heads=2, head_dim=16, sliding_window=5, query_pre_attn_scalar=24,
             attn_logit_softcapping=4.0, final_logit_softcapping=3.0),
        dict(length=14, padding="right", lengths=[14, 9, 1]),
    ),
    "one_key_head": (
        dict(vocab_size=50, hidden_size=36, intermediate_size=24, num_hidden_layers=3, num_attention_heads=6,
             num_key_value_heads=1, head_dim=8, sliding_window=3, query_pre_attn_scalar=8,
             attn_logit_softcapping=None, final_logit_softcapping=None, rms_norm_eps=1e-3,
             rope_parameters={"rope_theta": 100.0, "rope_type": "default"}),
        dict(length=11, padding="left", lengths=[11, 6, 2]),
    ),
    "named_layers": (
        dict(vocab_size=40, hidden_size=16, intermediate_size=64, num_hidden_layers=3, num_attention_heads=2,
             num_key_value_heads=2, head_dim=12, sliding_window=4, query_pre_attn_scalar=12,
             layer_types=["full_attention", "sliding_attention", "sliding_attention"]),
        dict(length=9, padding="right", lengths=[9, 9]),
    ),
}  # fmt: skip

CORPUS = [
    "You are a policy expert trying to help determine whether a user prompt is in violation of the defined safety policies.",
    "Does the human question violate the above principle? Your answer must start with 'Yes' or 'No'. Yes No Yes No Yes No",
    "Our safety principle is defined in the below: The prompt shall not contain or seek generation of content that",
    "is malicious, intimidating, bullying, or abusive content targeting another individual. The chatbot shall not generate content.",
    "How do I bake a cake? Tell me about the history of the city. Write a poem about the sea and the sky.",
    "Làm thế nào để nấu phở? Hãy viết một bài thơ về biển. Tôi không thích trời mưa, còn bạn thì sao?",
]

TEXTS = [
    "", " ", "  ", "\n", "\n\n\n", "a", "Yes", " Yes", "No", "No.", "Hello, world!", "How do I bake a cake?",
    " leading", "trailing ", "two  spaces", "tabs\tand\r\nlines", "ALL CAPS", "CamelCase", "0123456789", "3.14159",
    "Tôi ghét trời mưa.", "Đặng Thị Ngọc Ánh", "tiê\u0301ng Viê\u0323t", "日本語", "Привет, мир", "مرحبا", "😀", "👩‍👩‍👧‍👦", "🇻🇳",
    "a\u200bb", "\ufeffbom", "\u0000", "\U0010ffff", "é e\u0301", "<bos>", "<end_of_turn>", "a<end_of_turn>b",
    "<start_of_turn>\nHuman Question: hi\n<end_of_turn>", "<start_of_turn><end_of_turn>", "< end_of_turn >", "<end_of_turn",
    "<<end_of_turn>>", "<0x41>", "\u2581", "a\u2581b", "<unused0>", "{user_content}", "'\"\\`", "word" * 40,
]  # fmt: skip

# What random texts are made of.
LETTERS = list("abcdefgh ABC'’éờđ\n\t0123<>_.,!?-") + ["😀", "日", "\u0301", "\u200b", "\u2581", "  ", "\n\n"]
WORDS = [
    "Tôi", "ghét", "yêu", "Việt", "Nam", "I'm", "don’t", "hello", "world", "the", "policy", "violates", "<end_of_turn>",
    "<start_of_turn>", "<bos>", "<unused7>", "<mask>", "<h1>", "[@BOS@]", "100", "can't've", "a.b", "——", "naïve", "🙂",
]  # fmt: skip

QUESTIONS = [
    ("PromptOnly", "How do I bake a cake?", None, "dangerous"),
    ("PromptOnly", "Làm thế nào để nấu phở? 😀", None, "hate"),
    ("PromptOnly", "Create 20 paraphrases of I hate you", None, "harassment"),
    ("PromptOnly", "Which word is\tshorter:\r\n“sea” or “ocean”?", None, "sexual"),
    ("PromptResponse", "Tell me about the sea.\n", " The sea is blue.", "sexual"),
    ("PromptResponse", "Có nên bơi khi trời mưa?", "Không, nếu có sấm sét.", "dangerous"),
    ("PromptResponse", "Am I slow?", "You are early 🐢.", "harassment"),
    ("PromptResponse", "Who lives there?", "Fishermen,\n\nand their families.", "hate"),
]


def tokens_of(name: str, count: int, vocabulary: int) -> list[int]:
    """Tokens by the formula's numbers for a name."""
    return [int(u * vocabulary) for u in uniform(f"{name}.tokens", count)]


def by_formula(config: Gemma2Config) -> Gemma2ForCausalLM:
    """The network with the formula's weights."""
    config._attn_implementation = "eager"
    network = Gemma2ForCausalLM(config)
    state = formula_state(network)
    state = {name: tensor for name, tensor in state.items() if not name.endswith("embed_scale")}
    state["lm_head.weight"] = state["model.embed_tokens.weight"]
    missing, unexpected = network.load_state_dict(state, strict=False)
    if unexpected or any(not name.endswith("embed_scale") for name in missing):
        raise SystemExit(f"missing {missing}, unexpected {unexpected}")
    return network.double().eval()


def gap_gradient(network: Gemma2ForCausalLM, ids: list[int], yes: int, no: int) -> Tensor:
    """The gradient of the gap before the soft-cap with respect to the embedded tokens [length, hidden]."""
    embedded = network.model.embed_tokens(torch.tensor([ids])).detach().requires_grad_()
    hidden = network.model(inputs_embeds=embedded).last_hidden_state[0, -1]
    words = network.model.embed_tokens.weight
    (hidden @ (words[yes] - words[no])).backward()
    return embedded.grad[0]


def make_network(out: Path, name: str) -> None:
    """`gemma2_<name>`: a network on a batch of tokens."""
    sizes, batch = NETWORKS[name]
    config = Gemma2Config(max_position_embeddings=64, **sizes)
    network = by_formula(config)
    length, lengths = batch["length"], batch["lengths"]
    tokens = torch.tensor(tokens_of(name, length * len(lengths), config.vocab_size)).view(len(lengths), length)
    mask = torch.zeros_like(tokens)
    for row, real in enumerate(lengths):
        mask[row, length - real :] = batch["padding"] == "left"
        mask[row, :real] |= batch["padding"] == "right"
    # Each row without its padding, in f64. With it, Transformers has to say the same; in f64 its padding is no number.
    logits = torch.zeros(*tokens.shape, config.vocab_size, dtype=torch.float64)
    with torch.no_grad():
        for row, read in enumerate(mask.bool()):
            logits[row, read] = network(input_ids=tokens[row, read][None]).logits[0]
        padded = network.float()(input_ids=tokens, attention_mask=mask).logits.double()
    error = (padded - logits)[mask.bool()].abs().max()
    print(f"{name}: logits up to {logits.abs().max():.2f}, Transformers' own f32 with padding off by {error:.1e}")
    if not error < 1e-5:
        raise SystemExit("padding changes the logits")
    tensors = {"tokens": tokens, "mask": mask, "logits": logits.float()}
    tensors["gradient"] = gap_gradient(network.double(), tokens[0].tolist(), YES, NO).float()
    about = "Transformers' Gemma2ForCausalLM with weights by formula (see formula.py). Made by tests/golden/make_gemma2.py"
    path = out / f"gemma2_{name}.safetensors"
    metadata = {"about": about, "config": json.dumps(config.to_dict())}
    save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, path, metadata=metadata)
    path.chmod(0o644)


def train_tokenizer() -> Tokenizer:
    """A small tokenizer of Gemma's kind: byte fallback, spaces as U+2581, nothing cut beforehand."""
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "\u2581")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    trainer = trainers.BpeTrainer(vocab_size=TOKENS, special_tokens=CONTROL + bytes_, show_progress=False)
    words = [word for line in CORPUS for word in (" " + line).replace(" ", "| ").split("|")]
    tokenizer.train_from_iterator(words * 3, trainer)
    # The bytes are pieces of text, not commands.
    file = json.loads(tokenizer.to_str())
    file["added_tokens"] = [token for token in file["added_tokens"] if token["content"] in CONTROL]
    return Tokenizer.from_str(json.dumps(file))


def make_texts(out: Path) -> None:
    """`gemma2_tokenizer.json` and `gemma2_texts.json`: a tokenizer, what it makes of texts, and a guard's logits."""
    tokenizer = train_tokenizer()
    (out / "gemma2_tokenizer.json").write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False))
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids  # noqa: E731
    texts = [{"text": text, "ids": encode(text)} for text in TEXTS]
    config = Gemma2Config(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, head_dim=8, sliding_window=64, query_pre_attn_scalar=8,
        max_position_embeddings=1024,
    )  # fmt: skip
    network = by_formula(config)
    yes, no = tokenizer.token_to_id("Yes"), tokenizer.token_to_id("No")
    questions = []
    for use_case, prompt, response, policy in QUESTIONS:
        text = prompt_text(use_case, prompt, response, policy)
        ids = [tokenizer.token_to_id("<bos>"), *encode(text)]
        with torch.no_grad():
            logits = network(input_ids=torch.tensor([ids])).logits[0, -1]
        gradient = gap_gradient(network, ids, yes, no)
        influences = (gradient * network.model.embed_tokens(torch.tensor(ids))).sum(1)
        questions.append({
            "use_case": use_case, "prompt": prompt, "response": response, "policy": policy, "text": text, "ids": ids,
            "yes": logits[yes].item(), "no": logits[no].item(), "influences": influences.tolist(),
        })  # fmt: skip
    file = {
        "config": config.to_dict(), "yes": yes, "no": no, "texts": texts, "questions": questions,
        "long": long_text("Tell me why? ", 800, encode),
    }  # fmt: skip
    (out / "gemma2_texts.json").write_text(json.dumps(file, ensure_ascii=False, indent=1))


def make_official(out: Path, gemma: Path) -> None:
    """`gemma2_official_texts.json`: what Gemma's own tokenizer makes of 500 texts."""
    tokenizer = Tokenizer.from_file(str(gemma))
    # The package does not list them.
    tokenizer.add_special_tokens(["<start_of_turn>", "<end_of_turn>"])
    random = iter(uniform("official.texts", 20_000))
    pick = lambda choices: choices[int(next(random) * len(choices))]  # noqa: E731
    texts = TEXTS + [prompt_text(*question) for question in QUESTIONS]
    texts += ["".join(pick(LETTERS) for _ in range(1 + int(next(random) * 24))) for _ in range(200)]
    while len(texts) < 500:
        texts.append(pick(["", " ", "\n"]).join(pick(WORDS) for _ in range(1 + int(next(random) * 8))))
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids  # noqa: E731
    file = {
        "yes": tokenizer.token_to_id("Yes"), "no": tokenizer.token_to_id("No"),
        "texts": [{"text": text, "ids": encode(text)} for text in texts],
        "long": long_text("Tell me why? Tại sao thế? 😀 なぜ?\n\t", 400, encode),
    }  # fmt: skip
    path = out / "gemma2_official_texts.json"
    path.write_text(json.dumps(file, ensure_ascii=False, separators=(",", ":")))


def long_text(text: str, times: int, encode: Callable[[str], list[int]]) -> dict[str, Any]:
    """A text repeated, how many tokens that has, and their sum weighted by their places."""
    ids = encode(text * times)
    checksum = sum((place + 1) * token for place, token in enumerate(ids)) % 2**32
    return {"text": text, "times": times, "tokens": len(ids), "checksum": checksum}


def prompt_text(use_case: str, prompt: str, response: str | None, policy: str) -> str:
    """The prompt as ShieldGemma's model card has it."""
    if use_case == "PromptOnly":
        subject, prefix = "a user prompt", "The prompt shall not contain or seek generation of content that"
        turns = f"<start_of_turn>\nHuman Question: {prompt}\n<end_of_turn>\n"
        question = (
            "Does the human question violate the above principle? Your answer must start with\n"
            "'Yes' or 'No'. And then walk through step by step to be sure we answer\ncorrectly.\n"
        )
    else:
        subject, prefix = "an AI response to prompt", "The chatbot shall not generate content that"
        turns = (
            f"<start_of_turn>\nHuman Question: {prompt}\n<end_of_turn>\n\n"
            f"<start_of_turn>\nChatbot Response: {response}\n<end_of_turn>\n"
        )
        question = (
            "Does the Chatbot Response violate the above principle? Your answer must start\n"
            "with 'Yes' or 'No'. And then walk through step by step to be sure we answer\ncorrectly.\n"
        )
    name, description = POLICIES[policy]
    return (
        f"You are a policy expert trying to help determine\nwhether {subject} is in violation of the defined safety "
        f"policies.\n\n{turns}\nOur safety principle is defined in the below:\n\n"
        f'* "No {name}": {prefix} {description}\n\n===\n\n{question}'
    )


POLICIES = {
    "dangerous": (
        "Dangerous Content",
        "harming oneself and/or others (e.g., accessing or building firearms and explosive devices, promotion of "
        "terrorism, instructions for suicide).",
    ),
    "harassment": (
        "Harassment",
        "is malicious, intimidating, bullying, or abusive content targeting another individual (e.g., physical "
        "threats, denial of tragic events, disparaging victims of violence).",
    ),
    "hate": (
        "Hate Speech",
        "targeting identity and/or protected attributes (e.g., racial slurs, promotion of discrimination, calls to "
        "violence against protected groups) or dehumanizing/belittling/vilifying on the bases of race, ethnicity, "
        "religion, disability, age, nationality, veteran status, sexual orientation, gender, gender identity, caste, "
        "or any other protected status. We do allow content that includes a reference to a protected individual or "
        "group in a positive manner.",
    ),
    "sexual": (
        "Sexually Explicit Information",
        "contains references to sexual acts or other lewd content (e.g., sexually graphic descriptions, content "
        "aimed at causing arousal). Medical or scientific terms related to human anatomy or sex education are "
        "permitted.",
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gemma", type=Path, help="Gemma's own tokenizer.json")
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    torch.set_num_threads(1)
    for name in NETWORKS:
        make_network(options.out, name)
    make_texts(options.out)
    if options.gemma:
        make_official(options.out, options.gemma)


if __name__ == "__main__":
    main()

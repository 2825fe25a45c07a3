// A tiny Gemma 2 in the form in which ShieldGemma 2B is published: two shards in bf16, their index, a
// configuration, and the small guard's tokenizer. Its weights mean nothing.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tensor } from "./formula.mjs";

export const SHARDS = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];

const SIZES = {
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 32,
};

/** Its files: name -> bytes. `seed` makes another one of the same form. */
export function shieldGemma(seed = "") {
  const small = join(process.env.SITE, "models/guard_small");
  const config = { ...JSON.parse(readFileSync(join(small, "config.json"))), ...SIZES, query_pre_attn_scalar: 32 };
  config.layer_types = ["sliding_attention", "full_attention"];
  config.max_position_embeddings = 8192;
  const [embedding, ...others] = shapes(config);
  const shards = [[embedding], others];
  const map = shards.flatMap((tensors, shard) => tensors.map(([name]) => [name, SHARDS[shard]]));
  return new Map([
    ["config.json", text(config)],
    ["tokenizer.json", readFileSync(join(small, "tokenizer.json"))],
    ["model.safetensors.index.json", text({ metadata: {}, weight_map: Object.fromEntries(map) })],
    [SHARDS[0], shard(shards[0], seed)],
    [SHARDS[1], shard(shards[1], seed)],
  ]);
}

/** The same with some of its configuration changed. */
export function changed(files, changes) {
  const config = { ...JSON.parse(files.get("config.json")), ...changes };
  return new Map([...files, ["config.json", text(config)]]);
}

const text = (value) => Buffer.from(JSON.stringify(value));

/** The tensors of a Gemma 2 of this configuration: [name, shape], the embedding first. */
export function shapes({ vocab_size, hidden_size, intermediate_size, ...sizes }) {
  const queries = sizes.num_attention_heads * sizes.head_dim;
  const keys = sizes.num_key_value_heads * sizes.head_dim;
  const all = [["model.embed_tokens.weight", [vocab_size, hidden_size]]];
  for (let layer = 0; layer < sizes.num_hidden_layers; layer++) {
    const add = (name, ...shape) => all.push([`model.layers.${layer}.${name}.weight`, shape]);
    add("input_layernorm", hidden_size);
    add("self_attn.q_proj", queries, hidden_size);
    add("self_attn.k_proj", keys, hidden_size);
    add("self_attn.v_proj", keys, hidden_size);
    add("self_attn.o_proj", hidden_size, queries);
    add("post_attention_layernorm", hidden_size);
    add("pre_feedforward_layernorm", hidden_size);
    add("mlp.gate_proj", intermediate_size, hidden_size);
    add("mlp.up_proj", intermediate_size, hidden_size);
    add("mlp.down_proj", hidden_size, intermediate_size);
    add("post_feedforward_layernorm", hidden_size);
  }
  all.push(["model.norm.weight", [hidden_size]]);
  return all;
}

/** A safetensors file in bf16. */
function shard(tensors, seed) {
  const header = {};
  const parts = [];
  let end = 0;
  for (const [name, shape] of tensors) {
    const floats = tensor(name + seed, shape);
    const words = new Uint32Array(floats.buffer);
    const halves = Uint16Array.from(words, (word) => word >>> 16);
    header[name] = { dtype: "BF16", shape, data_offsets: [end, (end += halves.byteLength)] };
    parts.push(Buffer.from(halves.buffer));
  }
  const json = text(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...parts]);
}

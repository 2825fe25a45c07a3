// Transformers.js in Chromium, with the small guard's weights in ONNX.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { openPage, startBrowser, DESKTOP } from "../browser/support/browser.mjs";
import { serveSite } from "../browser/support/site.mjs";
import { measure } from "./work.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const PAGE = '<!doctype html><meta charset="utf-8"><title>Transformers.js on the bench</title>';

/**
 * Measures one prompt after the other; `tell(first, times, answers)` with milliseconds and each prompt's P(Yes).
 * `prompts` are token ids.
 */
export async function transformers({ site, guard, device, runs, prompts }, tell) {
  const python = process.env.PYTORCH;
  if (!python) {
    console.log("skipped: Transformers.js (PYTORCH names no Python that has torch, transformers, onnx and onnxscript)");
    return;
  }
  const exported = mkdtempSync(join(tmpdir(), "resilient-ai-bench-"));
  await promisify(execFile)(python, [join(HERE, "guard_onnx.py"), join(site, "models", guard), exported]);
  const vocabulary = JSON.parse(readFileSync(join(exported, "tokenizer.json"))).model.vocab;
  const bench = (name) => {
    if (name === "bench/") return PAGE;
    if (!name.startsWith("guard/")) return undefined;
    const file = join(exported, name.slice(6));
    return existsSync(file) ? readFileSync(file) : null;
  };
  const peer = await serveSite(join(HERE, "node_modules"), { path: "/", change: bench });
  const browser = await startBrowser({ webgpu: device === "webgpu" });
  try {
    const { page } = await openPage(browser, DESKTOP);
    await page.goto(new URL("bench/", peer.url).href);
    await page.evaluate(start, { device: device === "webgpu" ? "webgpu" : "wasm", answers: [vocabulary.Yes, vocabulary.No] });
    const run = () => page.evaluate(judge, prompts);
    let found;
    const [first, times] = await measure(runs, async () => {
      const { took, answers } = await run();
      found = answers;
      return took;
    });
    tell(first, times, found);
  } finally {
    await browser.close();
    await peer.close();
    rmSync(exported, { recursive: true });
  }
}

/** In the page: loads the library and the network. */
async function start({ device, answers }) {
  const { AutoModelForCausalLM, Tensor, env } = await import("/@huggingface/transformers/dist/transformers.min.js");
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = "/";
  env.backends.onnx.wasm.wasmPaths = "/onnxruntime-web/dist/";
  const model = await AutoModelForCausalLM.from_pretrained("guard", { device, dtype: "fp32" });
  window.guard = { model, Tensor, answers };
}

/** In the page: the P(Yes) of each prompt, and how long they took together. */
async function judge(prompts) {
  const { model, Tensor, answers } = window.guard;
  const start = performance.now();
  const found = [];
  for (const prompt of prompts) {
    const ids = BigInt64Array.from(prompt, BigInt);
    const shape = [1, prompt.length];
    const { logits } = await model({
      input_ids: new Tensor("int64", ids, shape),
      attention_mask: new Tensor("int64", ids.map(() => 1n), shape),
    });
    const last = logits.data.length - logits.dims[2];
    const [yes, no] = answers.map((id) => logits.data[last + id]);
    found.push(1 / (1 + Math.exp(no - yes)));
  }
  return { took: performance.now() - start, answers: found };
}

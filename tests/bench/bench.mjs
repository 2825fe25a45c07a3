// Measures the built site and its peers, in turn, and prints ratios: TensorFlow.js and Transformers.js in the same
// Chromium, and for attacks in many steps PyTorch on the same processor.
//
//   node bench.mjs RESULTS.json        with SITE, CHROMIUM in the environment (cargo xtask bench)
//
// PyTorch is measured if PYTORCH names a Python that has torch and timm. Each row is the median of a
// few runs after a warm-up that is reported as `first`. Work:
//   forward   one picture through the network, the logits read back
//   fgsm      one step, its result read back (0.6 MB at 224 px): the difference by us, which also
//             measures it, the picture by the others
//   pgd-10    ten steps in Linf from a random start, cross-entropy, nothing read back but the end
//   pgd-40    forty of them
//   verdict   what the small guard says of a text of 60 tokens by each of four policies; Transformers.js is
//             measured if PYTORCH names a Python that has torch, transformers, onnx and onnxscript
//   load      Gemma's own tokenizer, against the two seconds that are allowed
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { openPage, startBrowser, DESKTOP } from "../browser/support/browser.mjs";
import { timmEfficientNet } from "../browser/support/formula.mjs";
import { describeFile } from "../browser/support/safetensors.mjs";
import { serveSite } from "../browser/support/site.mjs";
import { guard } from "./guard.mjs";
import { ours } from "./ours.mjs";
import { pytorch } from "./pytorch.mjs";
import { theirs } from "./tfjs.mjs";
import { median } from "./work.mjs";

const site = process.env.SITE;
const manifest = JSON.parse(readFileSync(join(site, "models/manifest.json")));
const shipped = (id) => {
  const { url } = manifest.models.find((model) => model.id === id).weights;
  return { id, bytes: () => readFileSync(join(site, "models", url)) };
};
const HALVES = { mean: "[0.5, 0.5, 0.5]", std: "[0.5, 0.5, 0.5]", padding: "same" };

/** The networks: a shipped one by its id, any other by its bytes. */
const NETWORKS = {
  mobilenet_v2: shipped("mobilenet_v2_flowers"),
  efficientnet_lite0: shipped("efficientnet_lite0_flowers_standard"),
  efficientnet_b0: { id: null, bytes: () => describeFile(timmEfficientNet("b0", 5, 1.04), HALVES) },
};

const STEP = ["forward", "fgsm"];
const WALK = ["pgd-10", "pgd-40"];
/** What is measured where; runs are few where a run takes seconds. */
const CASES = [
  {
    network: "mobilenet_v2",
    device: "cpu",
    side: 224,
    runs: 9,
    works: STEP,
    peers: [["wasm", ["forward"]], ["cpu", STEP, 2]],
  },
  { network: "mobilenet_v2", device: "webgpu", side: 64, runs: 3, works: STEP, peers: [["webgpu", STEP]] },
  ...["efficientnet_lite0", "efficientnet_b0"].flatMap((network) => [
    { network, device: "cpu", side: 224, runs: 3, works: WALK, peers: [["pytorch", WALK]] },
    // Forty steps take four times as long there, and minutes.
    { network, device: "webgpu", side: 64, runs: 1, works: ["pgd-10"], peers: [["webgpu", ["pgd-10"]]] },
  ]),
];
/** Only the rows of one network, if asked for: a key of `NETWORKS`, or `guard`. */
const only = process.env.BENCH_NETWORK;

const rows = [];
const keep = (row) => {
  rows.push(row);
  console.log(JSON.stringify(row));
};

for (const { network, device, side, runs, works, peers } of CASES) {
  if (only && network !== only) continue;
  const model = NETWORKS[network];
  const picture = noise(side);
  const tell = (system, work, first, times) =>
    keep({ work, model: network, input: `${side} px`, device, system, ...summary(first, times) });
  await ours({ site, model, device, side, runs, works, picture }, (...found) => tell("ours", ...found));
  for (const [peer, peerWorks, fewer] of peers) {
    const wanted = { network, model, device, side, runs: fewer ?? runs, works: peerWorks, picture };
    if (peer === "pytorch") await pytorch(wanted, tell);
    else await theirs({ ...wanted, backend: peer }, (...found) => tell(`tfjs-${peer}`, ...found));
  }
}
if (!only || only === "guard") await guard({ site }, (row, first, times) => keep({ ...row, ...summary(first, times) }));
if (!only) await coldStart();
table();
writeFileSync(process.argv[2], JSON.stringify(rows, null, 1));

/**
 * From an empty browser: first paint, the CPU engine past its self-check, the first attack's result; and the small
 * guard's first verdict, from a link to it.
 */
async function coldStart() {
  const server = await serveSite(site);
  const times = { paint: [], engine: [], attack: [], verdict: [] };
  for (let i = 0; i < 3; i++) {
    const browser = await startBrowser();
    try {
      const { page } = await openPage(browser, DESKTOP, { serviceWorkers: "block" });
      const start = performance.now();
      await page.goto(`${server.url}#/en/fgsm/try`);
      const paint = await page.evaluate(() =>
        performance.getEntriesByName("first-contentful-paint").map((entry) => entry.startTime),
      );
      times.paint.push(paint[0] ?? performance.now() - start);
      await page.locator(".chip[data-state=ready]").waitFor();
      times.engine.push(performance.now() - start);
      await page.locator(".bench-attack .button-primary:enabled").click();
      await page.locator(".bench-verdict strong").waitFor();
      times.attack.push(performance.now() - start);
    } finally {
      await browser.close();
    }
    times.verdict.push(await coldVerdict(server));
  }
  await server.close();
  for (const [name, all] of Object.entries(times)) {
    const what = name === "verdict" ? { model: "guard_small", input: "4 policies" } : { model: "mobilenet_v2", input: "224 px" };
    keep({ work: `cold-${name}`, ...what, device: "cpu", system: "ours", ...summary(all[0], all) });
  }
}

async function coldVerdict(server) {
  const browser = await startBrowser();
  try {
    const { page } = await openPage(browser, DESKTOP, { serviceWorkers: "block" });
    const start = performance.now();
    await page.goto(`${server.url}#/en/safety/verdict`);
    await page.locator(".guard-bar").nth(3).waitFor();
    return performance.now() - start;
  } finally {
    await browser.close();
  }
}

function table() {
  for (const [name, members] of group(rows)) {
    console.log(`\n${name}`);
    const base = members.find(({ system }) => system === "ours").median_ms;
    for (const { system, median_ms, first_ms, runs } of members) {
      const ratio = system === "ours" ? "" : `  ours takes ${(base / median_ms).toFixed(2)} of it`;
      const time = `${median_ms.toFixed(1)} ms`.padStart(12);
      console.log(`  ${system.padEnd(12)}${time}  first ${first_ms.toFixed(0)} ms, ${runs} runs${ratio}`);
    }
  }
  const took = (work) =>
    rows.find((row) => row.work === work && row.device === "cpu" && row.system === "ours")?.median_ms;
  if (took("fgsm")) {
    console.log(`\nFGSM on the CPU takes ${(took("fgsm") / took("forward")).toFixed(2)} forwards`);
  }
}

/** Rows of the same work on the same network and device, under its name. */
function group(rows) {
  const groups = new Map();
  for (const row of rows) {
    const name = `${row.work}: ${row.model} on ${row.device}, ${row.input}`;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return groups;
}

function summary(first, times) {
  return { median_ms: median(times), first_ms: first, runs: times.length };
}

/** The same picture for everybody: bytes of a linear congruential generator. */
function noise(side) {
  let state = 1;
  return Uint8Array.from({ length: 3 * side * side }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

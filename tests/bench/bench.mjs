// Measures the built site and TensorFlow.js in the same Chromium, in turn, and prints ratios.
//
//   node bench.mjs RESULTS.json        with SITE, CHROMIUM in the environment (cargo xtask bench)
//
// Each row is the median of a few runs after a warm-up that is reported as `first`. Forward is one
// picture through MobileNetV2 with the logits read back; fgsm is one step with its result read back
// (0.6 MB at 224 px): the difference by us, which also measures it, the picture by TensorFlow.js.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { performance } from "node:perf_hooks";
import { openPage, startBrowser, DESKTOP } from "../browser/support/browser.mjs";
import { startEngine } from "../browser/support/engine.mjs";
import { serveSite } from "../browser/support/site.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const MODEL = "mobilenet_v2_flowers";
const EPSILON = 2 / 255;
const LABEL = 1;
const site = process.env.SITE;
const manifest = JSON.parse(readFileSync(join(site, "models/manifest.json")));
const weights = manifest.models.find((model) => model.id === MODEL).weights.url;

/** What is measured where; runs are few where a run takes seconds. */
const CASES = [
  { device: "cpu", side: 224, runs: 9, peers: [["wasm", true, false], ["cpu", true, true, 2]] },
  { device: "webgpu", side: 64, runs: 3, peers: [["webgpu", true, true, 3]] },
];

const rows = [];
const keep = (row) => {
  rows.push(row);
  console.log(JSON.stringify(row));
};

for (const { device, side, runs, peers } of CASES) {
  const picture = noise(side);
  await ours(device, side, runs, picture);
  for (const [backend, forward, fgsm, fewer] of peers) {
    await theirs(backend, device, side, fewer ?? runs, { forward, fgsm }, picture);
  }
}
await coldStart();
table();
writeFileSync(process.argv[2], JSON.stringify(rows, null, 1));

async function ours(device, side, runs, picture) {
  const server = await serveSite(site);
  const browser = await startBrowser({ webgpu: device === "webgpu" });
  try {
    const { page } = await openPage(browser, DESKTOP, { serviceWorkers: "block" });
    // Only the assets' names are wanted of the page: its own engines would share the two cores.
    await page.route("**/start.js", (route) =>
      route.request().url().includes("/page-") ? route.fulfill({ body: "" }) : route.continue(),
    );
    await page.goto(server.url);
    const call = await startEngine(page, device === "webgpu" ? "engineGpu" : "engineCpu");
    await call({ Start: { models_url: new URL("models/", server.url).href } });
    await call({ LoadModel: { model: MODEL } });
    const square = { width: side, height: side, rgb: picture };
    const goal = { Untargeted: { label: LABEL } };
    const work = {
      forward: async () =>
        (await call({ Classify: { model: MODEL, picture: square } })).Classified.milliseconds,
      fgsm: async () =>
        (await call({ Attack: { model: MODEL, picture: square, goal, epsilon: EPSILON } })).Attacked
          .milliseconds,
    };
    for (const [name, run] of Object.entries(work)) {
      const first = await run();
      const times = [];
      for (let i = 0; i < runs; i++) times.push(await run());
      keep({ ...row(name, side, device, "ours"), ...summary(first, times) });
    }
  } finally {
    await browser.close();
    await server.close();
  }
}

async function theirs(backend, device, side, runs, wanted, picture) {
  const packages = join(HERE, "node_modules");
  const bench = (name) =>
    name.startsWith("bench/") ? readFileSync(join(HERE, name.slice(6))) : undefined;
  const peer = await serveSite(packages, { path: "/", change: bench });
  const browser = await startBrowser({ webgpu: device === "webgpu" });
  try {
    const { page } = await openPage(browser, DESKTOP);
    await page.route("**/weights", (route) =>
      route.fulfill({ body: readFileSync(join(site, "models", weights)) }),
    );
    await page.goto(new URL("bench/page.html", peer.url).href);
    const values = Array.from(picture, (byte) => byte / 255);
    await page.evaluate(
      async ([backend, side, values, label, epsilon]) => {
        window.work = await startTfjs(backend, "/weights", side, values, label, epsilon);
      },
      [backend, side, values, LABEL, EPSILON],
    );
    for (const name of ["forward", "fgsm"]) {
      if (!wanted[name]) continue;
      const run = () =>
        page.evaluate(async (name) => {
          const start = performance.now();
          await window.work[name]();
          return performance.now() - start;
        }, name);
      const first = await run();
      const times = [];
      for (let i = 0; i < runs; i++) times.push(await run());
      keep({ ...row(name, side, device, `tfjs-${backend}`), ...summary(first, times) });
    }
  } finally {
    await browser.close();
    await peer.close();
  }
}

/** From an empty browser: first paint, the CPU engine past its self-check, the first attack's result. */
async function coldStart() {
  const server = await serveSite(site);
  const times = { paint: [], engine: [], attack: [] };
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
  }
  await server.close();
  for (const [name, all] of Object.entries(times)) {
    keep({ work: `cold-${name}`, model: MODEL, input: 224, device: "cpu", system: "ours", ...summary(all[0], all) });
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
  const median = (work) =>
    rows.find((row) => row.work === work && row.device === "cpu" && row.system === "ours").median_ms;
  console.log(`\nFGSM on the CPU takes ${(median("fgsm") / median("forward")).toFixed(2)} forwards`);
}

/** Rows of the same work on the same device, under its name. */
function group(rows) {
  const groups = new Map();
  for (const row of rows) {
    const name = `${row.work} on ${row.device}, ${row.input} px`;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return groups;
}

function row(work, input, device, system) {
  return { work, model: MODEL, input, device, system };
}

function summary(first, times) {
  const sorted = [...times].sort((a, b) => a - b);
  return { median_ms: sorted[sorted.length >> 1], first_ms: first, runs: times.length };
}

/** The same picture for everybody: bytes of a linear congruential generator. */
function noise(side) {
  let state = 1;
  return Uint8Array.from({ length: 3 * side * side }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

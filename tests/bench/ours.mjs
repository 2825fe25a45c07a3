// The engine that we ship, in Chromium, asked as the page asks it.
import { performance } from "node:perf_hooks";
import { openPage, startBrowser, DESKTOP } from "../browser/support/browser.mjs";
import { startEngine } from "../browser/support/engine.mjs";
import { serveSite } from "../browser/support/site.mjs";
import { EPSILON, LABEL, STEP_SIZE, measure, stepsOf } from "./work.mjs";

/**
 * Starts an engine of the site in a page without the site's own engines, which would share the two cores, and
 * gives `use` the function that asks it. `change` is `serveSite`'s.
 */
export async function withEngine({ site, device, name, change }, use) {
  const server = await serveSite(site, { change });
  const browser = await startBrowser({ webgpu: device === "webgpu" });
  try {
    const { page } = await openPage(browser, DESKTOP, { serviceWorkers: "block" });
    // Only the assets' names are wanted of the page.
    await page.route("**/start.js", (route) =>
      route.request().url().includes("/page-") ? route.fulfill({ body: "" }) : route.continue(),
    );
    await page.goto(server.url);
    const call = await startEngine(page, name);
    await call({ Start: { models_url: new URL("models/", server.url).href } });
    return await use(call);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Measures `works` on one model; `tell(work, first, times)` for each, in milliseconds. */
export async function ours({ site, model, device, side, runs, works, picture }, tell) {
  const name = device === "webgpu" ? "engineGpu" : "engineCpu";
  await withEngine({ site, device, name }, async (call) => {
    const id = await load(call, model);
    const square = { width: side, height: side, rgb: picture };
    for (const work of works) tell(work, ...(await measure(runs, task(call, work, id, square))));
  });
}

/** Loads a model and gives back the id that it answers to. */
async function load(call, { id, bytes }) {
  if (id) {
    await call({ LoadModel: { model: id } });
    return id;
  }
  const { Model } = await call({ LoadOwnModel: { file: "bench.safetensors", bytes: new Uint8Array(bytes()) } });
  return Model.id;
}

/** A function that does the work once and gives back the milliseconds. */
function task(call, work, model, picture) {
  const steps = stepsOf(work);
  if (steps) return () => walk(call, model, picture, steps);
  if (work === "forward") return async () => (await call({ Classify: { model, picture } })).Classified.milliseconds;
  const attack = { model, picture, goal: { Untargeted: { label: LABEL } }, epsilon: EPSILON };
  return async () => (await call({ Attack: attack })).Attacked.milliseconds;
}

/** An attack in many steps, of which only the last is reported. */
async function walk(call, model, picture, steps) {
  const run = 1;
  const settings = {
    method: "Pgd",
    loss: "CrossEntropy",
    norm: "Linf",
    epsilon: EPSILON,
    step_size: STEP_SIZE,
    steps,
    random_start: true,
    seed: 0,
    restarts: 1,
    early_stop: false,
  };
  await call({ OpenRun: { run, model, picture, goal: { Untargeted: { label: LABEL } }, settings } });
  const start = performance.now();
  await call({ AdvanceRun: { run, steps, every: steps, perturbation: false } });
  const took = performance.now() - start;
  await call({ CloseRun: { run } });
  return took;
}

// TensorFlow.js in Chromium, with the weights that we measure.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openPage, startBrowser, DESKTOP } from "../browser/support/browser.mjs";
import { serveSite } from "../browser/support/site.mjs";
import { EPSILON, LABEL, STEP_SIZE, measure, stepsOf } from "./work.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));

/** Measures `works` on one of its backends; `tell(work, first, times)` for each, in milliseconds. */
export async function theirs({ backend, network, model, device, side, runs, works, picture }, tell) {
  const packages = join(HERE, "node_modules");
  const bench = (name) =>
    name.startsWith("bench/") ? readFileSync(join(HERE, name.slice(6))) : undefined;
  const peer = await serveSite(packages, { path: "/", change: bench });
  const browser = await startBrowser({ webgpu: device === "webgpu" });
  try {
    const { page } = await openPage(browser, DESKTOP);
    await page.route("**/weights", (route) => route.fulfill({ body: Buffer.from(model.bytes()) }));
    await page.goto(new URL("bench/page.html", peer.url).href);
    const pixels = Array.from(picture, (byte) => byte / 255);
    await page.evaluate(
      async ([backend, network, options]) => {
        window.work = await startTfjs(backend, network, options);
      },
      [backend, network, { url: "/weights", side, pixels, label: LABEL, epsilon: EPSILON, stepSize: STEP_SIZE }],
    );
    for (const work of works) {
      const run = () =>
        page.evaluate(
          async ([name, steps]) => {
            const start = performance.now();
            await window.work[name](steps);
            return performance.now() - start;
          },
          [stepsOf(work) ? "pgd" : work, stepsOf(work)],
        );
      tell(work, ...(await measure(runs, run)));
    }
  } finally {
    await browser.close();
    await peer.close();
  }
}

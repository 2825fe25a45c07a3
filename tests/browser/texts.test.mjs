// The engine for texts, the real one, with the guard that is shipped: it comes when it is asked for,
// computes what Transformers computes, and pictures do not suffer where it does not come.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DESKTOP, keepScreenshot, openPage, startBrowser } from "./support/browser.mjs";
import { startEngine } from "./support/engine.mjs";
import { serveSite } from "./support/site.mjs";

const PATIENCE = { timeout: 120_000 };
const TOLERANCE = 1e-3;
const golden = JSON.parse(readFileSync(new URL("../golden/guard_small.json", import.meta.url)));
const course = JSON.parse(readFileSync(join(process.env.SITE, "lessons/course.json")));
for (const lesson of course.lessons) lesson.status = "available";

const ENGINES = [
  { name: "engineText", webgpu: false, cases: golden.cases },
  // The software adapter takes its time.
  { name: "engineGpu", webgpu: true, cases: golden.cases.slice(0, 1) },
];
for (const { name, webgpu, cases } of ENGINES) {
  const skip = webgpu && !process.env.WEBGPU ? "left out by --no-webgpu" : false;
  test(`${name} judges as the reference does`, { skip, timeout: 900_000 }, async () => {
    const browser = await startBrowser({ webgpu });
    const site = await serveSite(process.env.SITE);
    try {
      const { page } = await openPage(browser, DESKTOP, { serviceWorkers: "block" });
      await page.route(/assets\/page-.*start\.js/, (route) => route.fulfill({ body: "", contentType: "text/javascript" }));
      await page.goto(site.url);
      const call = await startEngine(page, name);
      await call({ Start: { models_url: new URL("models/", site.url).href } });
      const start = performance.now();
      const { Guard } = await call({ LoadGuard: { guard: golden.model } });
      console.log(`# ${name}: the guard is there after ${(performance.now() - start).toFixed(0)} ms`);
      let worst = 0;
      const times = [];
      for (const { text, response, policies } of cases) {
        const { Judged } = await call({
          Judge: {
            guard: golden.model,
            use_case: response ? "PromptResponse" : "PromptOnly",
            exchange: { prompt: text, response },
            policies: Guard.policies,
            normalise: false,
            control_tokens: "Escaped",
          },
        });
        times.push(Judged.milliseconds);
        for (const { policy, yes_logit, no_logit } of Judged.judgements) {
          const { ids, yes, no } = policies[policy];
          worst = Math.max(worst, Math.abs(yes_logit - yes), Math.abs(no_logit - no));
          assert.ok(Judged.tokens.includes(ids.length), `${policy}: ${ids.length} tokens, found ${Judged.tokens}`);
        }
      }
      times.sort((a, b) => a - b);
      console.log(`# ${name}: logits within ${worst.toExponential(1)}; four policies in ${times[times.length >> 1].toFixed(0)} ms`);
      assert.ok(worst <= TOLERANCE, `logits differ by ${worst}`);
    } finally {
      await browser.close();
      await site.close();
    }
  });
}

test("where the engine for texts does not come, pictures go on, and it is asked for again", async () => {
  const browser = await startBrowser();
  let refused = true;
  const change = (name) => {
    if (name === "lessons/course.json") return JSON.stringify(course);
    return refused && /engine-text.*\.wasm$/.test(name) ? 503 : undefined;
  };
  const site = await serveSite(process.env.SITE, { change });
  try {
    const { page } = await openPage(browser, DESKTOP, { serviceWorkers: "block" });
    await page.goto(`${site.url}#/en/fgsm/model?size=64`);
    const predicted = page.locator(".bench-prediction .bench-status").filter({ hasText: /%/ });
    await predicted.waitFor(PATIENCE);
    await page.goto(`${site.url}#/en/safety/verdict`);
    const problem = page.locator(".guard .problem");
    await problem.first().waitFor(PATIENCE);
    await page.goto(`${site.url}#/en/fgsm/model?size=96`);
    await predicted.waitFor(PATIENCE);
    refused = false;
    await page.goto(`${site.url}#/en/safety/verdict`);
    const again = problem.getByRole("button", { name: "Try again" }).first();
    await again.waitFor(PATIENCE);
    await again.click();
    await page.locator(".guard").getByText(/Yes [\d.−-]+, No [\d.−-]+; gap/).nth(3).waitFor(PATIENCE);
    assert.equal(await problem.count(), 0);
    await keepScreenshot(page, "desktop-guard-verdict", { fullPage: true });
    await page.goto(`${site.url}#/en/fgsm/model?size=64`);
    await predicted.waitFor(PATIENCE);
  } finally {
    await browser.close();
    await site.close();
  }
});

// The whole lesson as a person goes through it, on the CPU, at both screen sizes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { DESKTOP, PHONE, keepScreenshot, openPage, startBrowser } from "./support/browser.mjs";
import { serveSite } from "./support/site.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser;
let site;
before(async () => {
  browser = await startBrowser();
  site = await serveSite(process.env.SITE);
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** The engine's arithmetic on a busy machine, and a model to fetch before it. */
const PATIENCE = { timeout: 120_000 };

for (const screen of [DESKTOP, PHONE]) {
  describe(`on a ${screen.name}`, () => {
    test("a dandelion is recognised, attacked, and taken for something else", async () => {
      const { page, context, errors, origins } = await openPage(browser, screen);
      await page.goto(`${site.url}#/en`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await keepScreenshot(page, `${screen.name}-front`);
      await serious(page, "the front page");

      await page.goto(`${site.url}#/en/fgsm/model`);
      await says(page, /dandelion/);
      await keepScreenshot(page, `${screen.name}-prediction`, { fullPage: true });
      await serious(page, "the prediction");

      await page.goto(`${site.url}#/en/fgsm/try`);
      await page.getByRole("slider", { name: /^Epsilon/ }).fill("2");
      await attack(page, "Attack");
      assert.equal(await verdict(page), "Fooled");
      const after = page.locator(".bench-tops > div").nth(1);
      assert.doesNotMatch(await after.locator("li").first().innerText(), /dandelion/);
      await keepScreenshot(page, `${screen.name}-fooled`, { fullPage: true });
      await serious(page, "the result");

      // The language changes; the result stays.
      await page.getByRole("link", { name: /Tiếng Việt/ }).or(page.getByRole("button", { name: /Tiếng Việt/ })).click();
      await page.locator("html[lang=vi]").waitFor();
      assert.equal(await page.locator("html").getAttribute("lang"), "vi");
      assert.match(await page.locator(".bench-verdict strong").innerText(), /\S/);
      await keepScreenshot(page, `${screen.name}-vietnamese`, { fullPage: true });
      await serious(page, "the result in Vietnamese");

      // A reload finds the epsilon and the picture.
      await page.reload();
      await page.locator(".bench-attack .button-primary:enabled").waitFor(PATIENCE);
      assert.equal(await page.getByRole("slider", { name: /psilon/ }).inputValue(), "2");
      assert.match(page.url(), /#\/vi\/fgsm\/try/);
      await says(page, /bồ công anh/);

      assert.deepEqual(errors, []);
      assert.deepEqual([...origins], [new URL(site.url).origin]);
      await context.close();
    });

    test("the link carries picture, size, epsilon and goal", async () => {
      const { page, context, errors } = await openPage(browser, screen);
      await page.goto(`${site.url}#/en/fgsm/try?picture=cat&size=96&epsilon=0.0313725&goal=to-4`);
      await page.locator(".bench-attack .button-primary:enabled").waitFor(PATIENCE);
      await attack(page, "Attack");
      assert.match(await verdict(page), /\S/);
      assert.match(page.url(), /picture=cat/);
      assert.match(page.url(), /size=96/);
      assert.match(page.url(), /goal=to-4/);
      assert.deepEqual(errors, []);
      await context.close();
    });

    test("the sweep draws a curve and says where it flips", async () => {
      const { page, context, errors } = await openPage(browser, screen);
      await page.goto(`${site.url}#/en/fgsm/sweep?size=96`);
      const panel = page.locator(".bench-sweep");
      await panel.locator("button:enabled").first().click(PATIENCE);
      await panel.locator(".bench-status").filter({ hasText: /\S/ }).waitFor(PATIENCE);
      assert.ok((await panel.locator("tbody tr").count()) > 5);
      await keepScreenshot(page, `${screen.name}-sweep`, { fullPage: true });
      await serious(page, "the sweep");
      assert.deepEqual(errors, []);
      await context.close();
    });

    test("the saved PNG is classified again", async () => {
      const { page, context, errors } = await openPage(browser, screen);
      await page.goto(`${site.url}#/en/fgsm/bits?size=96&epsilon=0.0313725`);
      await attack(page, "Attack");
      const panel = page.locator(".bench-png");
      const download = page.waitForEvent("download");
      await panel.locator("button").first().click();
      const file = readFileSync(await (await download).path());
      assert.deepEqual([...file.subarray(1, 4)], [..."PNG"].map((letter) => letter.charCodeAt()));
      await panel.locator("button").nth(1).click();
      await panel.locator(".bench-status").filter({ hasText: /\S/ }).waitFor(PATIENCE);
      assert.equal(await panel.locator(".bench-tops > div").count(), 2);
      assert.deepEqual(errors, []);
      await context.close();
    });
  });
}

test("the main thread stays free while the engine works", async () => {
  const { page, context } = await openPage(browser, DESKTOP);
  await page.goto(`${site.url}#/en/fgsm/try`);
  await page.locator(".bench-attack .button-primary:enabled").waitFor(PATIENCE);
  await page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) =>
      window.longTasks.push(...list.getEntries().map((entry) => entry.duration)),
    ).observe({ type: "longtask" });
  });
  await attack(page, "Attack");
  const longTasks = await page.evaluate(() => window.longTasks);
  console.log(`# tasks over 50 ms during an attack: ${JSON.stringify(longTasks)}`);
  // A busy machine can hold any thread up; half a second is a page that computes.
  assert.ok(longTasks.every((duration) => duration < 500), JSON.stringify(longTasks));
  await context.close();
});

test("everything can be reached and done with the keyboard", async () => {
  const { page, context } = await openPage(browser, DESKTOP);
  await page.goto(`${site.url}#/en/fgsm/try?size=64`);
  const button = page.locator(".bench-attack .button-primary:enabled");
  await button.waitFor(PATIENCE);
  const slider = page.getByRole("slider", { name: /^Epsilon/ });
  await tabTo(page, slider);
  const before = Number(await slider.inputValue());
  await page.keyboard.press("ArrowRight");
  assert.ok(Number(await slider.inputValue()) > before);
  await tabTo(page, button);
  await page.keyboard.press("Enter");
  await page.locator(".bench-verdict strong").waitFor(PATIENCE);
  await context.close();
});

test("without a network the page and its model are still there", async () => {
  const { page, context, errors } = await openPage(browser, DESKTOP);
  await page.goto(`${site.url}#/en/fgsm/model`);
  await says(page, /dandelion/);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(
    async () => (await Promise.all((await caches.keys()).map(async (key) => (await (await caches.open(key)).keys()).length))).some((count) => count > 10),
    undefined,
    PATIENCE,
  );
  await context.setOffline(true);
  await page.reload();
  await says(page, /dandelion/);
  assert.deepEqual(errors, []);
  await context.close();
});

async function says(page, pattern) {
  const status = page.locator(".bench-prediction .bench-status, .bench-summary-words strong");
  await status.filter({ hasText: pattern }).first().waitFor({ state: "visible", ...PATIENCE });
}

async function attack(page, name) {
  const button = page.locator(".bench-attack .button-primary:enabled");
  await button.waitFor(PATIENCE);
  assert.equal(await button.innerText(), name);
  await button.click();
  await page.locator(".bench-verdict strong").waitFor(PATIENCE);
}

async function verdict(page) {
  return page.locator(".bench-verdict strong").innerText();
}

/** Presses Tab until the element has the focus. */
async function tabTo(page, element) {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press("Tab");
    if (await element.evaluate((node) => node === document.activeElement)) return;
  }
  assert.fail("the element is not among the first 80 that Tab reaches");
}

/** Fails on anything that axe calls serious or critical. */
async function serious(page, what) {
  // Evaluated by the debugger, which the page's own policy does not bind.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run());
  const grave = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  const found = grave.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join("; ")}`);
  assert.deepEqual(found, [], `axe on ${what}`);
}

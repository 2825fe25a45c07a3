// WebGPU on Chromium's software adapter: slow for everybody, so a small input and few steps.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESKTOP, keepScreenshot, openPage, startBrowser } from "./support/browser.mjs";
import { serveSite } from "./support/site.mjs";

const PATIENCE = { timeout: 600_000 };
let browser;
let site;
before(async () => {
  browser = await startBrowser({ webgpu: true });
  site = await serveSite(process.env.SITE);
});
after(async () => {
  await browser?.close();
  await site?.close();
});

const skip = process.env.WEBGPU ? false : "run cargo xtask test --webgpu";
const name = "the learner chooses WebGPU, attacks, loses the GPU, and goes on";
test(name, { timeout: 1_200_000, skip }, async () => {
  const { page, errors } = await openPage(browser, DESKTOP);
  await page.goto(`${site.url}#/en/fgsm/try?size=64&device=webgpu`);
  await page.locator(".chip[data-state=ready]").filter({ hasText: "WebGPU" }).waitFor(PATIENCE);
  await page.locator(".bench-attack .button-primary:enabled").waitFor(PATIENCE);
  await page.locator(".bench-attack .button-primary").click();
  await page.locator(".bench-verdict strong").waitFor(PATIENCE);
  assert.match(await page.locator(".bench-facts").innerText(), /WebGPU/);
  await page.locator(".chip").click();
  await keepScreenshot(page, "desktop-device-panel");
  await page.keyboard.press("Escape");

  // The driver takes the GPU away in mid-attack.
  await page.locator(".bench-attack .button-primary:enabled").click();
  const engine = page.workers().find((worker) => worker.url().includes("engine-gpu"));
  await engine.evaluate(() => {
    const data = { Run: { job: 4_000_000_000, request: "LoseDevice" } };
    self.dispatchEvent(new MessageEvent("message", { data }));
  });
  await page.locator(".bench-attack .button-primary:enabled").waitFor(PATIENCE);
  assert.match(await page.locator(".bench-verdict strong").innerText(), /\S/);
  assert.equal(await page.getByRole("slider", { name: /^Epsilon/ }).count(), 1);
  assert.deepEqual(errors, []);
});

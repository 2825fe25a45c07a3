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

const skip = process.env.WEBGPU ? false : "left out by --no-webgpu";
const name = "the learner chooses WebGPU, attacks, loses the GPU, and goes on";
test(name, { timeout: 1_200_000, skip }, async () => {
  const { page, errors } = await openPage(browser, DESKTOP, { serviceWorkers: "block" });
  await page.route(/assets\/engine-gpu.*start\.js/, rememberDevices);
  await page.goto(`${site.url}#/en/fgsm/try?size=64&device=webgpu`);
  await page.locator(".chip[data-state=ready]").filter({ hasText: "WebGPU" }).waitFor(PATIENCE);
  await page.locator(".bench-attack .button-primary:enabled").waitFor(PATIENCE);
  await page.locator(".bench-attack .button-primary").click();
  await page.locator(".bench-verdict strong").waitFor(PATIENCE);
  assert.match(await page.locator(".bench-facts").innerText(), /WebGPU/);
  await page.locator(".chip").click();
  await keepScreenshot(page, "desktop-device-panel");
  await page.keyboard.press("Escape");

  // The GPU is taken away in mid-attack, as a driver that is reset would.
  const slider = page.getByRole("slider", { name: /^Epsilon/ });
  await slider.fill("6");
  await page.locator(".bench-attack .button-primary:enabled").click();
  const engine = page.workers().find((worker) => worker.url().includes("engine-gpu"));
  await engine.evaluate(() => self.devices.forEach((device) => device.destroy()));
  await page.locator(".chip").filter({ hasText: "CPU" }).waitFor(PATIENCE);
  // The attack that was lost is done on the CPU.
  const facts = page.locator(".bench-facts").filter({ hasText: "6/255" });
  await facts.filter({ hasText: "CPU" }).waitFor(PATIENCE);
  assert.equal(await slider.inputValue(), "6");
  assert.deepEqual(errors, []);
});

test("a GPU without room is named, and goes on", { timeout: 1_200_000, skip }, async () => {
  const { page, errors } = await openPage(browser, DESKTOP, { serviceWorkers: "block" });
  await page.route(/assets\/engine-gpu.*start\.js/, rememberDevices);
  await page.goto(`${site.url}#/en/fgsm/try?size=64&device=webgpu`);
  await page.locator(".chip[data-state=ready]").filter({ hasText: "WebGPU" }).waitFor(PATIENCE);
  const attack = page.locator(".bench-attack .button-primary:enabled");
  await attack.waitFor(PATIENCE);
  const engine = page.workers().find((worker) => worker.url().includes("engine-gpu"));
  await engine.evaluate(() => {
    const error = new GPUOutOfMemoryError("no room for a buffer");
    self.devices.forEach((device) => device.dispatchEvent(new GPUUncapturedErrorEvent("uncapturederror", { error })));
  });
  await attack.click();
  await page.locator(".problem").filter({ hasText: "The graphics memory does not suffice for this." }).waitFor(PATIENCE);
  await attack.click();
  await page.locator(".bench-verdict strong").waitFor(PATIENCE);
  assert.match(await page.locator(".bench-facts").innerText(), /WebGPU/);
  assert.deepEqual(errors, []);
});

/** Has the engine's worker keep the devices that it opens, so that they can be taken away. */
async function rememberDevices(route) {
  const response = await route.fetch();
  const remember = `self.devices = [];
    const open = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (...wishes) {
      const device = await open.apply(this, wishes);
      self.devices.push(device);
      return device;
    };`;
  await route.fulfill({ response, body: `${remember}\n${await response.text()}` });
}

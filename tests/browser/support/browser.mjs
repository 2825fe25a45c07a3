// Chromium, started so that it works without a display, a GPU or a network.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";

const QUIET = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const DESKTOP = { name: "desktop", viewport: { width: 1280, height: 800 } };
export const PHONE = {
  name: "phone",
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  deviceScaleFactor: 2,
};

/** Starts Chromium; with `webgpu` it has a WebGPU adapter in software, otherwise none. */
export function startBrowser({ webgpu = false, args = [] } = {}) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: [...QUIET, ...(webgpu ? ["--enable-unsafe-webgpu"] : []), ...args],
  });
}

/** A page that remembers what went wrong in it and where it asked for things. */
export async function openPage(browser, screen, options = {}) {
  const { name, ...device } = screen;
  const context = await browser.newContext({ ...device, ...options });
  const page = await context.newPage();
  const errors = [];
  const origins = new Set();
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  context.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith("http")) origins.add(origin);
  });
  return { page, context, errors, origins };
}

/** Keeps a picture of the page among the artifacts. */
export async function keepScreenshot(page, name, options = {}) {
  await mkdir(process.env.ARTIFACTS, { recursive: true });
  await page.screenshot({ path: join(process.env.ARTIFACTS, `${name}.png`), ...options });
}

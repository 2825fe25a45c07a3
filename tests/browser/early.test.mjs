// What happens before the page's own code: too old a browser, what is remembered, the browser's bars.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESKTOP, openPage, startBrowser } from "./support/browser.mjs";
import { serveSite } from "./support/site.mjs";

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

test("a browser whose workers take no modules is told which ones do", async () => {
  // Such a browser passes over a worker's options.
  const old = `const Modern = Worker;
    self.Worker = function (address) { return new Modern(address); };`;
  await visit({ script: old }, async (page) => {
    const words = page.locator(".unsupported .in-en");
    await words.filter({ hasText: "Chrome or Edge from version 109" }).waitFor();
  });
});

test("this browser is told nothing", async () => {
  await visit({}, async (page) => {
    assert.equal(await page.locator("html").getAttribute("data-start"), null);
  });
});

test("a remembered language that is not there counts as none", async () => {
  const record = JSON.stringify({ lang: "fr" });
  const script = `localStorage.setItem("resilient-ai", ${JSON.stringify(record)});
    document.addEventListener("readystatechange", () => { self.early ??= document.documentElement.lang; });`;
  await visit({ script, locale: "vi-VN" }, async (page) => {
    assert.equal(await page.evaluate(() => self.early), "vi");
  });
});

test("the browser's bars follow the theme that is chosen", async () => {
  await visit({ colorScheme: "light" }, async (page) => {
    const bars = () =>
      page.locator("meta[name=theme-color]").evaluateAll((all) => all.map((meta) => meta.media));
    const system = ["(prefers-color-scheme: light)", "(prefers-color-scheme: dark)"];
    assert.deepEqual(await bars(), system);
    const button = page.getByRole("button", { name: /^Colours/ });
    const seen = [];
    for (let i = 0; i < 3; i++) {
      await button.click();
      seen.push([await page.locator("html").getAttribute("data-theme"), await bars()]);
    }
    assert.deepEqual(seen, [
      ["light", ["all", "not all"]],
      ["dark", ["not all", "all"]],
      [null, system],
    ]);
  });
});

/** Opens the front page after `script`, does `work`, and expects no error in the console. */
async function visit({ script = "", ...options }, work) {
  const { page, context, errors } = await openPage(browser, DESKTOP, {
    serviceWorkers: "block",
    ...options,
  });
  try {
    await page.addInitScript(script);
    await page.goto(site.url);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await work(page);
    assert.deepEqual(errors, []);
  } finally {
    await context.close();
  }
}

// What the service worker keeps: beside another copy of the site, through an update, and when the
// server is in trouble. Only files are looked at, so that no engine has to compute.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DESKTOP, openPage, startBrowser } from "./support/browser.mjs";
import { serveSite } from "./support/site.mjs";

let browser;
let folder;
before(async () => {
  browser = await startBrowser();
  folder = mkdtempSync(join(tmpdir(), "resilient-ai-"));
  for (const copy of ["one", "two"]) cpSync(process.env.SITE, join(folder, copy), { recursive: true });
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

test("two copies of the site on one origin keep their files", async () => {
  newVersion("two");
  await visit({}, async (page, site) => {
    const first = await opened(page, `${site.url}one/index.html#/en`);
    const both = await opened(page, `${site.url}two/index.html#/en`);
    assert.equal(first.length, 1);
    assert.deepEqual(both.filter((name) => first.includes(name)), first);
    assert.equal(both.length, 2);
  });
});

test("an update leaves an open page its files until it is closed", async () => {
  await visit({}, async (page, site) => {
    const address = `${site.url}one/index.html#/en`;
    const [old] = await opened(page, address);
    const engine = await page.evaluate(
      () => JSON.parse(document.querySelector("meta[name=assets]").content).engineCpu,
    );
    const assets = engine.split("/").slice(0, 2).join("/");
    renameSync(join(folder, "one", assets), join(folder, "one", `${assets}-next`));
    newVersion("one", [assets, `${assets}-next`]);
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      await registration.update();
      while (registration.installing) await new Promise((later) => setTimeout(later, 50));
    });
    // Time for the new worker to take over, if it were to.
    await page.waitForTimeout(1000);
    const status = await page.evaluate(
      async (url) => (await fetch(url, { cache: "no-store" })).status,
      engine,
    );
    assert.equal(status, 200);

    // Seen from a file outside the copy, which does not hold its update back.
    await page.goto(`${site.url}two/early.js`);
    await page.waitForFunction(async (name) => !(await caches.has(name)), old);
    assert.equal((await opened(page, address)).length, 1);
  });
});

test("a server in trouble is as good as none", async () => {
  let trouble = false;
  await visit({ change: () => (trouble ? 503 : undefined) }, async (page, site) => {
    await opened(page, `${site.url}two/index.html#/en`);
    trouble = true;
    await page.reload();
    await page.locator(".lessons, .front a").first().waitFor();
    const course = await page.evaluate(async () => (await fetch("lessons/course.json")).status);
    assert.equal(course, 200);
  });
});

/** Serves both copies, does `work` in a fresh context, and tidies up. */
async function visit(options, work) {
  const site = await serveSite(folder, { path: "/", ...options });
  const { page, context } = await openPage(browser, DESKTOP);
  try {
    await work(page, site);
  } finally {
    await context.close();
    await site.close();
  }
}

/** Opens the page, waits until its worker is in charge, and names the caches of pages. */
async function opened(page, address) {
  await page.goto(address);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  return page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    return (await caches.keys()).filter((name) => name.startsWith("resilient-ai-page"));
  });
}

/** Gives a copy of the site another version, in which a folder may have another name. */
function newVersion(copy, [before, after] = ["", ""]) {
  for (const name of ["index.html", "sw.js"]) {
    const file = join(folder, copy, name);
    const text = readFileSync(file, "utf8").replaceAll(`${before}/`, `${after}/`);
    writeFileSync(file, text.replace(/const VERSION = "(.*)"/, 'const VERSION = "$1-next"'));
  }
}

// The hub's model: fetched on request from addresses as a hub has them, resumed, cached, forgotten.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DESKTOP, keepScreenshot, openPage, startBrowser } from "./support/browser.mjs";
import { HUB, STORE, serveHub } from "./support/hub.mjs";
import { readFile, referenceData, renameTensors } from "./support/safetensors.mjs";
import { serveSite } from "./support/site.mjs";
import { timmName } from "./support/timm_names.mjs";

const folder = referenceData();
const skip = folder ? false : "the reference data is not here";
const PATIENCE = { timeout: 120_000 };

test("the learner fetches a hub's model, and it is there the next time", { skip }, async () => {
  const manifest = JSON.parse(readFileSync(join(process.env.SITE, "models/manifest.json")));
  const { id, weights } = manifest.models.find(({ tier }) => tier === "hub");
  const path = new URL(weights.url).pathname;
  const file = `${folder}/weights/mobilenet_v2_imagenet_tf2ptq.safetensors.gz`;
  const hub = await serveHub(new Map([[path, renameTensors(readFile(file), timmName)]]), {
    dropOnce: true,
  });
  const site = await serveSite(process.env.SITE);
  const browser = await startBrowser({ args: hub.browserArguments });
  try {
    const { page, errors } = await openPage(browser, DESKTOP);
    await page.goto(`${site.url}#/en/fgsm/model?picture=cat&model=${id}&size=96`);
    const download = page.getByRole("button", { name: /^Download/ });
    await download.waitFor(PATIENCE);
    assert.deepEqual(hub.requests, [], "nothing is fetched before the learner asks");
    await keepScreenshot(page, "desktop-hub-before");
    await download.click();
    const status = page.locator(".bench-prediction .bench-status");
    await status.filter({ hasText: /%/ }).waitFor(PATIENCE);
    await keepScreenshot(page, "desktop-hub-after");
    assert.equal(hub.requests[0].host, HUB);
    assert.ok(hub.requests.some(({ host, range }) => host === STORE && /^bytes=[1-9]/.test(range)));
    const asked = hub.requests.length;

    await page.reload();
    await status.filter({ hasText: /%/ }).waitFor(PATIENCE);
    assert.equal(hub.requests.length, asked, "the second time it comes from the cache");

    const models = page.locator(".bench-model select").first();
    const builtIn = manifest.models.find(({ tier }) => tier === "built_in").id;
    const awayAndBack = async () => {
      await models.selectOption(builtIn);
      await page.locator(".bench-prediction").filter({ hasText: /5 classes/ }).waitFor(PATIENCE);
      await models.selectOption(id);
    };
    await awayAndBack();
    await page.locator(".bench-prediction").filter({ hasText: /1,?000 classes/ }).waitFor(PATIENCE);
    assert.equal(hub.requests.length, asked, "what is kept is not offered for download");

    await page.locator(".chip").click();
    await page.getByRole("button", { name: "Delete downloaded models" }).click(PATIENCE);
    await page.locator(".stored").filter({ hasText: /No downloaded models/ }).waitFor(PATIENCE);
    await page.keyboard.press("Escape");
    await awayAndBack();
    await download.waitFor(PATIENCE);
    assert.equal(hub.requests.length, asked, "what was deleted is not fetched unasked");
    assert.deepEqual(errors.filter((error) => !/ERR_(CONTENT_LENGTH|INCOMPLETE|CONNECTION)/.test(error)), []);
  } finally {
    await browser.close();
    await site.close();
    await hub.close();
  }
});

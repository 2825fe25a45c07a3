// The hub's model: fetched on request from addresses as a hub has them, resumed, cached, forgotten.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DESKTOP, keepScreenshot, openPage, startBrowser } from "./support/browser.mjs";
import { tensor, timmMobileNetV2 } from "./support/formula.mjs";
import { HUB, STORE, serveHub } from "./support/hub.mjs";
import { readFile, referenceData, renameTensors } from "./support/safetensors.mjs";
import { serveSite } from "./support/site.mjs";
import { timmName } from "./support/timm_names.mjs";

const PATIENCE = { timeout: 120_000 };
const manifest = JSON.parse(readFileSync(join(process.env.SITE, "models/manifest.json")));
const { id, weights, num_classes: classes } = manifest.models.find(({ tier }) => tier === "hub");

test("the formula is the one of the golden numbers", () => {
  const begins = (name, shape, numbers) =>
    assert.deepEqual([...tensor(name, shape).subarray(0, numbers.length)], numbers.map(Math.fround));
  begins("input", [4], [0.09781831502914429, 0.14747858047485352, 0.5740844011306763, 0.8527277708053589]);
  begins("conv_stem.weight", [32, 3, 3, 3], [-0.028746848925948143, 0.206475168466568, 0.4202825725078583]);
  begins("classifier.weight", [10, 1280], [0.012121056206524372, -0.026289964094758034, 0.004497628193348646]);
});

test("the learner fetches a hub's model, and it is there the next time", async () => {
  await fetchAndComeBack(timmMobileNetV2(classes), /%/);
});

const folder = referenceData();
const skip = folder ? false : "the reference data is not here";
test("with ImageNet's weights by timm's names it knows a cat", { skip }, async () => {
  const file = readFile(`${folder}/weights/mobilenet_v2_imagenet_tf2ptq.safetensors.gz`);
  await fetchAndComeBack(renameTensors(file, timmName), /cat|tabby|lynx/i);
});

/** Downloads the hub's model as `bytes`, over a connection that breaks once; then it has to be kept. */
async function fetchAndComeBack(bytes, says) {
  const hub = await serveHub(new Map([[new URL(weights.url).pathname, bytes]]), { dropOnce: true });
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
    await status.filter({ hasText: says }).waitFor(PATIENCE);
    assert.match(await status.innerText(), /%/);
    assert.match(await page.locator(".bench-prediction").innerText(), /1,?000 classes/);
    assert.match(await page.locator(".bench-model").innerText(), /kept in this browser/);
    await keepScreenshot(page, "desktop-hub-after");
    assert.equal(hub.requests[0].host, HUB);
    assert.ok(hub.requests.some(({ host, range }) => host === STORE && /^bytes=[1-9]/.test(range)));
    const asked = hub.requests.length;

    await page.reload();
    await status.filter({ hasText: says }).waitFor(PATIENCE);
    assert.equal(hub.requests.length, asked, "the second time it comes from the cache");
    assert.deepEqual(errors.filter((error) => !/ERR_(CONTENT_LENGTH|INCOMPLETE|CONNECTION)/.test(error)), []);
  } finally {
    await browser.close();
    await site.close();
    await hub.close();
  }
}

// What goes wrong around the page: no storage, no network, wrong files, an engine that stops, a
// learner who changes their mind. Each says what happened, and nothing is lost.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DESKTOP, PHONE, keepScreenshot, openPage, startBrowser } from "./support/browser.mjs";
import { timmMobileNetV2 } from "./support/formula.mjs";
import { serveSite } from "./support/site.mjs";

const PATIENCE = { timeout: 120_000 };
const WEIGHTS = "models/mobilenet_v2_flowers/model.safetensors";
const FORBID_STORAGE = `for (const name of ["caches", "localStorage"])
  if (name in self) Object.defineProperty(self, name, {
    get() { throw new DOMException("forbidden", "SecurityError"); },
  });`;
const FILL_STORAGE = `Cache.prototype.put = async () => {
  throw new DOMException("no room", "QuotaExceededError");
};`;
let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

test("weights that are not the ones named are not used, and trying again mends it", async () => {
  let wrong = true;
  const bytes = readFileSync(join(process.env.SITE, WEIGHTS));
  bytes[bytes.length - 1] ^= 1;
  const change = (name) => (name === WEIGHTS && wrong ? bytes : undefined);
  await visit("#/en/fgsm/model?size=64", { change }, async (page) => {
    const problem = page.locator(".bench-model .problem");
    await problem.filter({ hasText: /checksum differs/ }).waitFor(PATIENCE);
    await keepScreenshot(page, "desktop-wrong-hash", { fullPage: true });
    wrong = false;
    await problem.getByRole("button", { name: "Try again" }).click();
    await predicted(page);
    assert.equal(await problem.count(), 0);
  });
});

test("a file that the server does not have is named", async () => {
  const change = (name) => (name === WEIGHTS ? null : undefined);
  await visit("#/en/fgsm/model?size=64", { change, expected: /404/ }, async (page) => {
    const problem = page.locator(".bench-model .problem");
    await problem.filter({ hasText: /The server did not hand out/ }).waitFor(PATIENCE);
  });
});

test("a log-in page in place of the list of models is forgotten once the list comes", async () => {
  let portal = true;
  const page = "<!doctype html><title>Welcome to our network</title>";
  const change = (name) => (name === "models/manifest.json" && portal ? page : undefined);
  await visit("#/en/fgsm/model?size=64", { change }, async (page) => {
    const problem = page.locator(".bench-model .problem");
    await problem.filter({ hasText: /a file of this site, cannot be read/ }).waitFor(PATIENCE);
    portal = false;
    await problem.getByRole("button", { name: "Try again" }).click();
    await predicted(page);
    assert.equal(await problem.count(), 0);
  });
});

test("an engine whose code does not arrive says so, and can be started again", async () => {
  let refused = true;
  const change = (name) => (refused && /engine-cpu.*\.wasm$/.test(name) ? null : undefined);
  await visit("#/en/fgsm/model?size=64", { change, expected: /404|MIME/ }, async (page) => {
    const again = page.locator(".bench .problem").getByRole("button", { name: "Try again" });
    await again.first().waitFor(PATIENCE);
    await page.locator(".chip").filter({ hasText: "not working" }).click();
    const engine = page.locator(".engine").filter({ hasText: "CPU" }).first();
    await engine.locator(".engine-state").filter({ hasText: "Not working" }).waitFor(PATIENCE);
    await keepScreenshot(page, "desktop-no-engine");
    refused = false;
    await engine.getByRole("button", { name: "Try again" }).click();
    await engine.locator(".engine-state").filter({ hasText: "Ready" }).waitFor(PATIENCE);
    await page.keyboard.press("Escape");
    while ((await again.count()) > 0) await again.first().click();
    await predicted(page);
  });
});

test("a server that is down does not hide what is kept", async () => {
  let down = false;
  const change = (name) => (name.startsWith("models/") && down ? null : undefined);
  await visit("#/en/fgsm/model?size=64", { change, expected: /404/ }, async (page) => {
    await predicted(page);
    down = true;
    await page.reload();
    await predicted(page);
    assert.match(await page.locator(".bench-prediction .bench-status").innerText(), /dandelion/);
  });
});

for (const [where, script] of [
  ["nothing can be stored", FORBID_STORAGE],
  ["there is no room", FILL_STORAGE],
]) {
  test(`where ${where} the lesson works all the same, and says so`, async () => {
    const prepare = (page) => beforeAnythingElse(page, script);
    await visit("#/en/fgsm/model?size=64", { prepare }, async (page) => {
      await predicted(page);
      const note = page.locator(".bench-model .bench-note");
      await note.filter({ hasText: /no room for the model, or does not let/ }).waitFor(PATIENCE);
      await page.goto(page.url().replace("/model", "/try"));
      await attack(page);
      assert.equal(await page.locator(".bench-verdict strong").innerText(), "Fooled");
    });
  });
}

test("offline, a model that is not here says so and can be asked for again", async () => {
  const expected = /ERR_INTERNET_DISCONNECTED|ERR_NAME_NOT_RESOLVED/;
  await visit("#/en/fgsm/model?size=64", { expected }, async (page, context) => {
    await predicted(page);
    await page.locator(".bench-model select").first().selectOption("mobilenetv2_100.ra_in1k");
    await context.setOffline(true);
    await page.getByRole("button", { name: /^Download/ }).click();
    const problem = page.locator(".bench-model .problem");
    await problem.filter({ hasText: /there is no connection/ }).waitFor(PATIENCE);
    await page.locator(".bench-model select").first().selectOption("mobilenet_v2_flowers");
    await predicted(page);
  });
});

test("a download that fails costs none of the models that are there", async () => {
  const expected = /ERR_INTERNET_DISCONNECTED|ERR_NAME_NOT_RESOLVED/;
  const prepare = (page) => beforeAnythingElse(page, FORBID_STORAGE);
  await visit("#/en/fgsm/model?size=64", { expected, prepare }, async (page, context) => {
    await predicted(page);
    const own = { name: "own.safetensors", mimeType: "", buffer: timmMobileNetV2(10) };
    await page.locator(".bench-own-model input[type=file]").setInputFiles(own);
    const panel = page.locator(".bench-prediction");
    await panel.filter({ hasText: "10 classes" }).waitFor(PATIENCE);
    // Two models are all that is held; with this one it would be three.
    await page.locator(".bench-model select").first().selectOption("mobilenetv2_100.ra_in1k");
    await context.setOffline(true);
    await page.getByRole("button", { name: /^Download/ }).click();
    const problem = page.locator(".bench-model .problem");
    await problem.filter({ hasText: /there is no connection/ }).waitFor(PATIENCE);
    for (const [id, classes] of [
      ["mobilenet_v2_flowers", "5 classes"],
      ["own", "10 classes"],
    ]) {
      await page.locator(".bench-model select").first().selectOption(id);
      await panel.filter({ hasText: classes }).waitFor(PATIENCE);
      assert.match(await panel.locator(".bench-status").innerText(), /%/);
    }
  });
});

test("an engine that stops in mid-attack is started again with everything in place", async () => {
  const hash = "#/en/fgsm/try?picture=cat&size=320&epsilon=0.0156863";
  await visit(hash, {}, async (page) => {
    const button = page.locator(".bench-attack .button-primary:enabled");
    await button.waitFor(PATIENCE);
    const isEngine = (worker) => worker.url().includes("engine-cpu");
    const engine = page.workers().find(isEngine);
    const fresh = page.waitForEvent("worker", { predicate: isEngine, ...PATIENCE });
    await button.click();
    // Nothing in the protocol is called this: the worker throws and is of no more use.
    await engine.evaluate(() => self.dispatchEvent(new MessageEvent("message", { data: "stop" })));
    assert.notEqual(await fresh, engine);
    const verdict = page.locator(".bench-verdict strong");
    assert.equal(await verdict.count(), 0, "the attack had not ended");
    // Nobody presses the button again: the attack is the engine's first work.
    await verdict.waitFor(PATIENCE);
    assert.match(await page.locator(".bench-facts").innerText(), /\b4\/255/);
    assert.equal(await page.getByRole("slider", { name: /^Epsilon/ }).inputValue(), "4");
    assert.match(await page.locator(".bench-summary-words").innerText(), /Cat/);
    assert.equal(await page.locator(".bench-attack .problem").count(), 0);
  });
});

test("the built-in model's download can be cancelled and asked for again", async () => {
  let arrive;
  const arrived = new Promise((resolve) => (arrive = resolve));
  const prepare = (page) =>
    page.route(`**/${WEIGHTS}`, async (route) => {
      await arrived;
      await route.continue().catch(() => {});
    });
  await visit("#/en/fgsm/model?size=64", { prepare }, async (page) => {
    const panel = page.locator(".bench-model");
    await panel.getByRole("button", { name: "Cancel" }).click(PATIENCE);
    const again = panel.getByRole("button", { name: "Load the model" });
    await again.waitFor(PATIENCE);
    await keepScreenshot(page, "desktop-model-cancelled", { fullPage: true });
    arrive();
    await again.click();
    await predicted(page);
    assert.equal(await again.count(), 0);
  });
});

test("going back changes the step and not the experiment, and a link sets one up", async () => {
  await visit("#/en/fgsm/try?picture=cat&size=64", {}, async (page) => {
    const slider = page.getByRole("slider", { name: /^Epsilon/ });
    await slider.fill("3");
    await page.waitForURL(/epsilon=/);
    await attack(page);
    const said = await page.locator(".bench-verdict").innerText();
    await page.locator("a.way-on").click();
    await page.waitForURL((url) => !/\/try/.test(url.hash));
    assert.match(page.url(), /picture=cat/);
    await page.goBack();
    await page.waitForURL(/\/try.*picture=cat/);
    assert.equal(await page.locator(".bench-verdict").innerText(), said);

    await page.goForward();
    await page.locator(".bench-summary > summary").click();
    await page.locator(".bench-thumb").filter({ hasText: "Espresso" }).click();
    await page.waitForURL(/picture=espresso/);
    await page.goBack();
    await page.waitForURL(/\/try.*picture=espresso/);
    assert.equal(await slider.inputValue(), "3");

    await page.evaluate(() => (location.hash = "#/en/fgsm/try?picture=rocket&size=64&device=cpu"));
    await page.waitForURL(/picture=rocket/);
    await page.waitForFunction(() => document.querySelector(".bench-epsilon input").value === "2");
    await page.locator(".chip").click();
    assert.ok(await page.getByRole("radio", { name: "CPU" }).isChecked());
    await page.keyboard.press("Escape");
    await page.evaluate(() => (location.hash = "#/en/fgsm/try?picture=cat&size=64"));
    await page.waitForURL(/picture=cat.*device=cpu/);
  });
});

test("a class that the model does not have is no goal", async () => {
  await visit("#/en/fgsm/try?size=64&goal=to-900", {}, async (page) => {
    await page.locator(".bench-attack .button-primary:enabled").waitFor(PATIENCE);
    await page.waitForURL((url) => !/goal/.test(url.hash), PATIENCE);
    assert.ok(await page.getByRole("radio", { name: /^Away from what/ }).isChecked());
  });
});

test("an attack that failed has nothing to survive in a PNG", async () => {
  await visit("#/en/fgsm/bits?size=64&epsilon=0", {}, async (page) => {
    await attack(page);
    await page.getByRole("button", { name: "Classify this PNG again" }).click();
    const said = page.locator(".bench-png-outcome .bench-status");
    await said.filter({ hasText: /nothing to survive/ }).waitFor(PATIENCE);
    await keepScreenshot(page, "desktop-png-held", { fullPage: true });
  });
});

test("where the browser has no storage to offer, a picture that it does not have is replaced", async () => {
  const prepare = (page) =>
    page.addInitScript(() => Object.defineProperty(self, "caches", { value: undefined }));
  await visit("#/en/fgsm/model?picture=own&size=64", { prepare }, async (page) => {
    await predicted(page);
    const note = page.locator(".bench-picture .bench-note");
    assert.match(await note.innerText(), /not on this device/);
    assert.match(page.url(), /^(?!.*picture=own)/);
    const picture = join(process.env.SITE, "photos/rocket.jpg");
    await page.locator(".bench-picture input[type=file]").first().setInputFiles(picture);
    await note.filter({ hasText: /does not keep this picture/ }).waitFor(PATIENCE);
  });
});

test("a cancelled attack leaves the result before it", async () => {
  await visit("#/en/fgsm/try?size=224", { screen: PHONE }, async (page) => {
    await attack(page);
    const said = await page.locator(".bench-verdict").innerText();
    const button = page.locator(".bench-attack .button-primary");
    await button.click();
    await button.filter({ hasText: "Cancel" }).click();
    await button.filter({ hasText: "Attack" }).waitFor(PATIENCE);
    assert.equal(await page.locator(".bench-verdict").innerText(), said);
    assert.equal(await page.locator(".bench-attack .problem").count(), 0);
  });
});

/** Opens the site at `hash`, does `work`, and expects no error in the console but `expected`. */
async function visit(hash, options, work) {
  const { screen = DESKTOP, change, prepare, expected } = options;
  const site = await serveSite(process.env.SITE, { change });
  const { page, context, errors } = await openPage(browser, screen, { serviceWorkers: "block" });
  try {
    await prepare?.(page);
    await page.goto(site.url + hash);
    await work(page, context);
    assert.deepEqual(errors.filter((error) => !expected?.test(error)), []);
  } finally {
    await context.close();
    await site.close();
  }
}

/** Has the page and every engine run `script` before anything else. */
async function beforeAnythingElse(page, script) {
  await page.addInitScript(script);
  await page.route(/assets\/engine-.*start\.js/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${script}\n${await response.text()}` });
  });
}

async function predicted(page) {
  await page.locator(".bench-prediction .bench-status").filter({ hasText: /%/ }).waitFor(PATIENCE);
}

async function attack(page) {
  const button = page.locator(".bench-attack .button-primary:enabled").filter({ hasText: "Attack" });
  await button.waitFor(PATIENCE);
  await button.click();
  await page.locator(".bench-result:not([aria-busy=true]) .bench-verdict strong").waitFor(PATIENCE);
}

// What the learner brings along: pictures by picker, drop, clipboard and camera, and a model file.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DESKTOP, PHONE, keepScreenshot, openPage, startBrowser } from "./support/browser.mjs";
import { timmMobileNetV2 } from "./support/formula.mjs";
import { readFile, referenceData } from "./support/safetensors.mjs";
import { serveSite } from "./support/site.mjs";

const PATIENCE = { timeout: 120_000 };
const PICTURE = new URL("../../www/photos/rocket.jpg", import.meta.url).pathname;
const STEP = "#/en/fgsm/model?size=96";
const DANDELION = "A dandelion gone to seed";

let browser;
let site;
let files;
before(async () => {
  browser = await startBrowser({ args: ["--use-fake-device-for-media-stream"] });
  site = await serveSite(process.env.SITE);
  files = mkdtempSync(join(tmpdir(), "resilient-ai-files-"));
});
after(async () => {
  await browser?.close();
  await site?.close();
  if (files) rmSync(files, { recursive: true });
});

describe("a picture of one's own", () => {
  test("is picked, seen, and still there after a reload", async () => {
    const { page, context, errors } = await open(PHONE);
    await picker(page, ".bench-picture").setInputFiles(PICTURE);
    await onTheBench(page, "rocket.jpg");
    await page.waitForURL(/picture=own/, PATIENCE);
    await page.reload();
    await onTheBench(page, "rocket.jpg");
    await keepScreenshot(page, "phone-own-picture", { fullPage: true });
    await page.locator(".chip").click();
    const stored = page.locator(".stored");
    await stored.filter({ hasText: /Your picture: rocket\.jpg/ }).waitFor(PATIENCE);
    await keepScreenshot(page, "phone-stored");
    await stored.getByRole("button", { name: "Forget my picture" }).click();
    await page.keyboard.press("Escape");
    await onTheBench(page, DANDELION);
    await page.waitForURL((url) => !/picture=own/.test(url.hash), PATIENCE);
    assert.deepEqual(errors, []);
    await context.close();
  });

  test("is dropped anywhere on a step with a bench; a drop without a file says so", async () => {
    const { page, context, errors } = await open(DESKTOP);
    await page.goto(`${site.url}#/en/fgsm/try?size=96`);
    await page.locator(".step-body").evaluate((place) => {
      const drop = new DragEvent("drop", { dataTransfer: new DataTransfer(), bubbles: true, cancelable: true });
      place.dispatchEvent(drop);
      if (!drop.defaultPrevented) throw new Error("the browser would leave the page");
    });
    await page.locator(".bench-summary > summary").click();
    const note = page.locator(".bench-picture .bench-note");
    await note.filter({ hasText: /is no file/ }).waitFor(PATIENCE);
    await give(page, "drop", "own.jpg", "image/jpeg", readFileSync(PICTURE), ".step-body");
    await page.waitForURL(/picture=own/, PATIENCE);
    assert.deepEqual(errors, []);
    await context.close();
  });

  for (const [way, event] of [
    ["dropped", "drop"],
    ["pasted", "paste"],
  ]) {
    test(`is ${way}`, async () => {
      const { page, context, errors } = await open(DESKTOP);
      await give(page, event, "own.jpg", "image/jpeg", readFileSync(PICTURE));
      await onTheBench(page, "own.jpg");
      await page.waitForURL(/picture=own/, PATIENCE);
      assert.deepEqual(errors, []);
      await context.close();
    });
  }

  test("is refused by name if it is none, and the one before stays", async () => {
    const { page, context, errors } = await open(DESKTOP);
    const picture = readFileSync(PICTURE);
    for (const [name, bytes, said] of [
      ["notes.txt", Buffer.from("no picture at all"), /“notes\.txt” is not a picture/],
      ["half.jpg", picture.subarray(0, picture.length >> 1), /“half\.jpg” is damaged/],
      ["huge.png", claims(10_000, 10_000), /“huge\.png” has more pixels/],
    ]) {
      await picker(page, ".bench-picture").setInputFiles({ name, mimeType: "image/png", buffer: bytes });
      await page.locator(".bench-picture .problem").filter({ hasText: said }).waitFor(PATIENCE);
      assert.match(page.url(), /^(?!.*picture=own)/);
      await onTheBench(page, DANDELION);
    }
    await keepScreenshot(page, "desktop-broken-picture", { fullPage: true });
    await picker(page, ".bench-picture").setInputFiles(PICTURE);
    await onTheBench(page, "rocket.jpg");
    assert.equal(await page.locator(".bench-picture .problem").count(), 0);
    assert.deepEqual(errors, []);
    await context.close();
  });

  test("is taken with the camera", async () => {
    const { page, context, errors } = await open(PHONE, { permissions: ["camera"] });
    await page.getByRole("button", { name: "Use the camera" }).click();
    const shutter = page.getByRole("button", { name: "Take the picture" });
    await page.locator(".bench-camera video.live").waitFor(PATIENCE);
    await keepScreenshot(page, "phone-camera");
    await shutter.click();
    await onTheBench(page, "Your picture");
    await page.waitForURL(/picture=own/, PATIENCE);
    assert.equal(await page.locator(".bench-camera").count(), 0);
    assert.deepEqual(errors, []);
    await context.close();
  });

  test("a refused camera says what can be done", async () => {
    const { page, context, errors } = await open(PHONE, { permissions: [] });
    await page.getByRole("button", { name: "Use the camera" }).click();
    const refusal = page.locator(".bench-camera [role=alert]");
    await refusal.filter({ hasText: /may not use the camera.*open a file/ }).waitFor(PATIENCE);
    await onTheBench(page, DANDELION);
    assert.deepEqual(errors, []);
    await context.close();
  });
});

test("a model file that is far too large is not even read", async () => {
  const { page, context, errors } = await open(DESKTOP);
  const file = write("big.safetensors", "");
  truncateSync(file, 65_000_000);
  await picker(page, ".bench-own-model").setInputFiles(file);
  const problem = page.locator(".bench-model .problem");
  await problem.filter({ hasText: /“big\.safetensors” is too large/ }).waitFor(PATIENCE);
  assert.deepEqual(errors, []);
  await context.close();
});

const folder = referenceData();
const skip = folder ? false : "the reference data is not here";
describe("a model of one's own", () => {
  test("is opened from a file and classifies with its thousand labels", { skip }, async () => {
    const { page, context, errors } = await open(DESKTOP);
    const bytes = readFile(`${folder}/weights/mobilenet_v2_imagenet_tf2ptq.safetensors.gz`);
    await page.goto(`${site.url}#/en/fgsm/model?size=224&picture=cat`);
    await picker(page, ".bench-own-model").setInputFiles(write("mobilenet.safetensors", bytes));
    const hint = page.locator(".bench-prediction").filter({ hasText: /1,?000 classes/ });
    await hint.waitFor(PATIENCE);
    const status = page.locator(".bench-prediction .bench-status");
    await status.filter({ hasText: /cat|tabby|lynx/i }).waitFor(PATIENCE);
    await keepScreenshot(page, "desktop-own-model", { fullPage: true });
    assert.deepEqual(errors, []);
    await context.close();
  });

  test("has as many classes as its file, and numbers them", async () => {
    const { page, context, errors } = await open(DESKTOP);
    const file = write("formula.safetensors", timmMobileNetV2(10));
    await picker(page, ".bench-own-model").setInputFiles(file);
    const panel = page.locator(".bench-prediction").filter({ hasText: "10 classes" });
    await panel.waitFor(PATIENCE);
    await panel.locator(".bench-status").filter({ hasText: /class \d: .*%/i }).waitFor(PATIENCE);
    assert.deepEqual(errors, []);
    await context.close();
  });

  test("is refused by name if it is cut short, and the one before stays", async () => {
    const { page, context, errors } = await open(DESKTOP);
    const bytes = timmMobileNetV2(10);
    const file = write("short.safetensors", bytes.subarray(0, bytes.length - 1000));
    await picker(page, ".bench-own-model").setInputFiles(file);
    const problem = page.locator(".bench-model .problem");
    await problem.filter({ hasText: /“short\.safetensors” are incomplete/ }).waitFor(PATIENCE);
    assert.match(await page.locator(".bench-prediction").innerText(), /5 classes/);
    assert.deepEqual(errors, []);
    await context.close();
  });
});

async function open(screen, options) {
  const opened = await openPage(browser, screen, options);
  await opened.page.goto(site.url + STEP);
  await onTheBench(opened.page, DANDELION);
  return opened;
}

function picker(page, panel) {
  return page.locator(`${panel} input[type=file]`).first();
}

/** Waits until the model has seen the picture that is described so, and not the one before it. */
async function onTheBench(page, words) {
  await page.waitForFunction(
    (words) => {
      const square = document.querySelector(".bench-square");
      const label = square?.querySelector("canvas")?.getAttribute("aria-label");
      const status = document.querySelector(".bench-prediction .bench-status");
      const settled = square?.getAttribute("aria-busy") === "false";
      return settled && label?.includes(words) && status?.textContent.includes("%");
    },
    words,
    PATIENCE,
  );
}

/** Drops or pastes a file, as the browser would tell the page. */
async function give(page, event, name, type, bytes, place = ".bench-picture") {
  const data = await page.evaluateHandle(
    ([name, type, base64]) => {
      const transfer = new DataTransfer();
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt());
      transfer.items.add(new File([bytes], name, { type }));
      return transfer;
    },
    [name, type, bytes.toString("base64")],
  );
  if (event === "drop") {
    await page.locator(place).dispatchEvent("drop", { dataTransfer: data });
  } else {
    await page.evaluate((clipboardData) => {
      const paste = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
      document.body.dispatchEvent(paste);
    }, data);
  }
}

function write(name, bytes) {
  const path = join(files, name);
  writeFileSync(path, bytes);
  return path;
}

/** A PNG whose header claims a size, and that breaks off where its pixels begin. */
function claims(width, height) {
  const header = Buffer.alloc(25);
  header.writeUInt32BE(13, 0);
  header.write("IHDR", 4, "latin1");
  header.writeUInt32BE(width, 8);
  header.writeUInt32BE(height, 12);
  header.set([8, 2, 0, 0, 0], 16);
  header.writeUInt32BE(crc32(header.subarray(4, 21)), 21);
  const pixels = Buffer.from("\0\0\0\x04IDAT\0\0\0\0", "latin1");
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), header, pixels]);
}

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

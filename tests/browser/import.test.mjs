// ShieldGemma 2B's import with a tiny one of its form: from disk, from the hub and from the site; what
// goes wrong, what is kept, and what is deleted.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { serious } from "./support/axe.mjs";
import { DESKTOP, PHONE, keepScreenshot, openPage, startBrowser } from "./support/browser.mjs";
import { HUB, STORE, serveHub } from "./support/hub.mjs";
import { tabTo } from "./support/keyboard.mjs";
import { SHARDS, changed, shieldGemma } from "./support/shield_gemma.mjs";
import { serveSite } from "./support/site.mjs";

const PATIENCE = { timeout: 120_000 };
const TOKEN = "hf_aSecretThatNobodyMayKeep";
const REPOSITORY = "/google/shieldgemma-2b/resolve/main/";
const NARROW = { ...DESKTOP, viewport: { width: 390, height: 844 } };
const course = JSON.parse(readFileSync(join(process.env.SITE, "lessons/course.json")));
for (const lesson of course.lessons) lesson.status = "available";

let files;
let browser;
before(async () => {
  files = shieldGemma();
  browser = await startBrowser();
});
after(() => browser?.close());

/** A page at the import's step; `engine` is run before each engine, `own` are other files of the site. */
async function open(t, { screen = DESKTOP, step = "large", engine = "", own = new Map(), chromium = browser, language = "en" } = {}) {
  const change = (name) => {
    if (name === "lessons/course.json") return JSON.stringify(course);
    if (engine && /engine-.*start\.js$/.test(name)) return engine + readFileSync(join(process.env.SITE, name));
    return own.get(name);
  };
  const site = await serveSite(process.env.SITE, { change });
  const { page, context, errors } = await openPage(chromium, screen, { serviceWorkers: "block" });
  t.after(async () => {
    await context.close();
    await site.close();
  });
  const go = async (page, step) => {
    await page.goto(`${site.url}#/${language}/safety/${step}`);
    await page.locator(".guard").waitFor(PATIENCE);
  };
  await go(page, step);
  return { page, context, errors, site, go };
}

const says = (page, words) => page.locator(".guard").getByText(words).first().waitFor(PATIENCE);
const button = (page, name) => page.getByRole("button", { name, exact: true });
const picker = (page) => page.locator(".large-way input[type=file]");
const problem = (page, words) => page.locator(".guard .problem").filter({ hasText: words }).first().waitFor(PATIENCE);

function pick(page, files) {
  const picked = [...files].map(([name, buffer]) => ({ name, mimeType: "application/octet-stream", buffer }));
  return picker(page).setInputFiles(picked);
}

/** What this browser keeps: path -> size. */
function kept(page) {
  return page.evaluate(async () => {
    const found = {};
    const walk = async (folder, path) => {
      for await (const [name, handle] of folder.entries()) {
        if (handle.kind === "directory") await walk(handle, `${path}${name}/`);
        else found[path + name] = (await handle.getFile()).size;
      }
    };
    await walk(await navigator.storage.getDirectory(), "");
    return found;
  });
}

const hubFiles = (files) => new Map([...files].map(([name, bytes]) => [REPOSITORY + name, bytes]));

/** A hub that wants the token, and a browser that takes it for the real one. */
async function hub(t, { hold } = {}) {
  const server = await serveHub(hubFiles(files), { token: TOKEN, hold });
  const chromium = await startBrowser({ args: server.browserArguments });
  t.after(async () => {
    await chromium.close();
    await server.close();
  });
  return { ...server, chromium };
}

async function fetchFromHub(page, token) {
  await page.getByLabel("Access token").fill(token);
  await button(page, "Fetch from the hub (5.2 GB)").click();
}

test("picked files become a guard that judges, outlives a reload, and is deleted", async (t) => {
  const { page, errors, go } = await open(t);
  await says(page, "WebGPU is not ready on this device");
  await says(page, "By its own word this browser has room for");
  await pick(page, files);
  await says(page, "The import is done.");
  await says(page, /ShieldGemma 2B is kept in this browser: [\d.]+ MB/);
  await keepScreenshot(page, "desktop-import-done", { fullPage: true });
  await button(page, "Check the files").click();
  await says(page, "All files are as they were written.");

  const judge = async () => {
    await go(page, "verdict");
    await page.getByRole("combobox", { name: "Guard" }).selectOption({ label: "ShieldGemma 2B" });
    await page.locator(".guard-line").getByText(/ShieldGemma 2B;.*2 layers/).waitFor(PATIENCE);
    await page.locator(".guard").getByText(/Yes [\d.−-]+, No [\d.−-]+; gap/).nth(3).waitFor(PATIENCE);
    return page.locator(".guard .guard-bar").allInnerTexts();
  };
  const verdicts = await judge();
  await page.reload();
  assert.deepEqual(await judge(), verdicts);
  await go(page, "flip");
  await page.getByRole("combobox", { name: "Guard" }).selectOption({ label: "ShieldGemma 2B" });
  await problem(page, "This guard is too large for gradients");

  await page.locator(".chip").click();
  const stored = page.locator(".stored");
  await stored.getByText(/ShieldGemma 2B is kept in this browser/).waitFor(PATIENCE);
  // It is not among what is deleted without a question.
  await button(page, "Delete downloaded models").click();
  await stored.getByText("No downloaded models.").waitFor(PATIENCE);
  await stored.getByRole("button", { name: "Delete ShieldGemma 2B…" }).click();
  await stored.getByRole("button", { name: "No, keep it" }).click();
  await stored.getByRole("button", { name: "Delete ShieldGemma 2B…" }).click();
  await stored.getByRole("button", { name: "Yes, delete it" }).click();
  await stored.getByText("It was deleted.").waitFor(PATIENCE);
  assert.deepEqual(await kept(page), {});
  await page.keyboard.press("Escape");
  await go(page, "verdict");
  await page.locator(".guard-line").getByText(/Small guard;/).waitFor(PATIENCE);
  assert.equal(await page.getByRole("combobox", { name: "Guard" }).count(), 0);
  assert.deepEqual(errors, []);
});

test("what is kept is known, and deleted, without the engine for texts", async (t) => {
  const { page, context, site } = await open(t);
  await pick(page, files);
  await says(page, "The import is done.");
  const other = await context.newPage();
  const asked = [];
  other.on("request", (request) => asked.push(request.url()));
  await other.goto(`${site.url}#/en`);
  await other.locator(".chip").click(PATIENCE);
  await other.getByText(/ShieldGemma 2B is kept in this browser/).waitFor(PATIENCE);
  await other.getByRole("button", { name: "Delete ShieldGemma 2B…" }).click();
  await other.getByRole("button", { name: "Yes, delete it" }).click();
  await other.getByText("It was deleted.").waitFor(PATIENCE);
  assert.deepEqual(await kept(other), {});
  assert.ok(!asked.some((url) => /engine-text/.test(url)), "the engine for texts was not asked for");
});

test("files that are missing or of another kind are named, and nothing is kept of them", async (t) => {
  const { page } = await open(t);
  await says(page, "From files on this computer");
  const without = (name) => new Map([...files].filter(([file]) => file !== name));
  await pick(page, without(SHARDS[1]));
  await problem(page, `The file “${SHARDS[1]}” is missing.`);
  await pick(page, without("tokenizer.json"));
  await problem(page, "The file “tokenizer.json” is missing.");
  await pick(page, changed(files, { model_type: "gemma3_text" }));
  await problem(page, "describes another kind of network");
  await page.locator(".guard .problem").getByText("Technical detail").first().click();
  await says(page, /gemma3_text/);
  await pick(page, changed(files, { num_hidden_layers: 3, layer_types: undefined }));
  await problem(page, "does not hold the weights that this guard needs");
  const tokenizer = JSON.parse(files.get("tokenizer.json"));
  const noYes = JSON.stringify(tokenizer).replaceAll('"Yes"', '"Yez"');
  await pick(page, new Map([...files, ["tokenizer.json", Buffer.from(noYes)]]));
  await problem(page, "is not a tokenizer that this model can work with");
  const shard = files.get(SHARDS[0]);
  await pick(page, new Map([...files, [SHARDS[0], shard.subarray(0, shard.length - 2)]]));
  await problem(page, `The weights “${SHARDS[0]}” are incomplete or damaged.`);
  assert.deepEqual(await kept(page), {});
  assert.equal(await page.getByText("Something is left").count(), 0);
  await pick(page, new Map([...files].map(([name, bytes]) => [name.replace(".", " (1)."), bytes])));
  await problem(page, "The file “config.json” is missing.");
  await page.locator(".guard .problem").getByText("Technical detail").first().click();
  await says(page, /config \(1\)\.json/);
  await pick(page, files);
  await says(page, "The import is done.");
});

test("without room nothing is written, and both sizes are said", async (t) => {
  const engine = "navigator.storage.estimate = async () => ({ quota: 1_500_000, usage: 1_000_000 });\n";
  const { page } = await open(t, { engine });
  await says(page, "has room for 500 kB");
  await pick(page, files);
  await problem(page, "There is not enough room for “model.safetensors”.");
  await page.locator(".guard .problem").getByText("Technical detail").click();
  await says(page, /\d+ bytes are needed, 500000 are free/);
  assert.deepEqual(Object.values(await kept(page)), [0]);
  assert.equal(await page.getByText("Something is left").count(), 0);
});

test("the hub hands the files out for the learner's token, which is kept nowhere", async (t) => {
  const { chromium, requests } = await hub(t);
  const { page, errors } = await open(t, { chromium });
  assert.deepEqual(requests, []);
  await fetchFromHub(page, "hf_wrong");
  await problem(page, `“${HUB}” does not hand the files out to you.`);
  assert.equal(await page.getByText("hf_wrong").count(), 0);
  await page.getByLabel("Access token").fill("two words");
  await button(page, "Fetch from the hub (5.2 GB)").click();
  await problem(page, `“${HUB}” does not hand the files out to you.`);
  await fetchFromHub(page, TOKEN);
  await says(page, "The import is done.");
  const ranges = requests.filter(({ host, path }) => host === STORE && path.endsWith(SHARDS[1]));
  assert.ok(ranges.length > 2 && ranges.every(({ range }) => /^bytes=\d+-\d+$/.test(range)));
  assert.ok(requests.every(({ host, authorization }) => host === HUB || authorization === null));
  const everything = await page.evaluate(async () => {
    const texts = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.body.innerHTML, location.href];
    const walk = async (folder) => {
      for await (const handle of folder.values()) {
        if (handle.kind === "directory") await walk(handle);
        else texts.push(await (await handle.getFile()).text());
      }
    };
    await walk(await navigator.storage.getDirectory());
    return texts.join("\n");
  });
  assert.ok(!everything.includes(TOKEN) && !everything.includes("hf_wrong"));
  assert.ok(!errors.join("\n").includes(TOKEN));
});

test("an import whose tab was reloaded goes on with what was missing; another tab has to wait", async (t) => {
  let holding = true;
  let reached;
  const arrived = new Promise((resolve) => (reached = resolve));
  // The second shard's weights do not come: the first one's are written by then.
  const hold = ({ path, range }) => {
    const [from, to] = /(\d+)-(\d+)/.exec(range ?? "0-0").slice(1).map(Number);
    if (!holding || !path.endsWith(SHARDS[1]) || to - from < 10_000) return undefined;
    reached();
    return new Promise(() => {});
  };
  const { chromium, requests } = await hub(t, { hold });
  const { page, context, go } = await open(t, { chromium });
  await fetchFromHub(page, TOKEN);
  await arrived;
  await says(page, /Reading and packing: [\d.]+ MB of [\d.]+ MB/);
  await keepScreenshot(page, "desktop-import-running", { fullPage: true });

  const other = await context.newPage();
  await go(other, "large");
  await says(other, /ShieldGemma 2B is being imported just now, in this tab or another one: \d\d%/);
  await pick(other, files);
  await problem(other, "“model.safetensors” is in use, here or in another tab.");
  await other.close();

  await page.reload();
  await page.locator(".guard").waitFor(PATIENCE);
  await says(page, /An import of ShieldGemma 2B has stopped at \d\d%/);
  await says(page, "To go on, choose where the files come from once more.");
  holding = false;
  const before = requests.length;
  await fetchFromHub(page, TOKEN);
  await says(page, "The import is done.");
  const large = requests.slice(before).filter(({ host, range }) => {
    const [from, to] = /(\d+)-(\d+)/.exec(range ?? "0-0").slice(1).map(Number);
    return host === STORE && to - from > 10_000;
  });
  assert.deepEqual(large.map(({ path }) => path), [REPOSITORY + SHARDS[1]]);
  await button(page, "Check the files").click();
  await says(page, "All files are as they were written.");
});

test("a pause keeps what is done; other files start over if the learner says so", async (t) => {
  let holding = true;
  const hold = ({ path, range }) => {
    const [from, to] = /(\d+)-(\d+)/.exec(range ?? "0-0").slice(1).map(Number);
    return holding && path.endsWith(SHARDS[1]) && to - from > 10_000 ? new Promise(() => {}) : undefined;
  };
  const { chromium } = await hub(t, { hold });
  const { page } = await open(t, { chromium });
  await fetchFromHub(page, TOKEN);
  await says(page, /Reading and packing: 2\.\d MB of/);
  await button(page, "Pause").click();
  await says(page, "Paused.");
  await says(page, /has stopped at \d\d%/);
  await button(page, "Continue").click();
  await says(page, "It goes on where it stopped.");
  await button(page, "Pause").click();
  await says(page, "Paused.");
  holding = false;
  await pick(page, shieldGemma("another"));
  await problem(page, "What is kept of an import was made from other files.");
  await says(page, /has stopped at \d\d%/);
  await button(page, "Start over with these files").click();
  await says(page, "The import is done.");
  await button(page, "Check the files").click();
  await says(page, "All files are as they were written.");
});

test("the site's own pieces are fetched and checked one by one", async (t) => {
  const first = await open(t);
  await pick(first.page, files);
  await says(first.page, "The import is done.");
  const bytes = await first.page.evaluate(async () => {
    let folder = await navigator.storage.getDirectory();
    for (const name of ["resilient-ai", "guards", "shieldgemma_2b"]) folder = await folder.getDirectoryHandle(name);
    const file = await (await folder.getFileHandle("model.safetensors")).getFile();
    return Array.from(new Uint8Array(await file.arrayBuffer()));
  });
  const weights = Buffer.from(bytes);
  const size = 500_000;
  const pieces = Array.from({ length: Math.ceil(weights.length / size) }, (_, i) => weights.subarray(i * size, (i + 1) * size));
  const sha256 = pieces.map((piece) => createHash("sha256").update(piece).digest("hex"));
  const manifest = JSON.parse(readFileSync(join(process.env.SITE, "models/manifest.json")));
  const place = (url) => ({ url: `large/${url}`, bytes: weights.length, sha256: null });
  manifest.guards.push({
    id: "large", title: { en: "Site's own" }, tier: "built_in", config: "large/config.json",
    tokenizer: place("tokenizer.json"), weights: place("model.safetensors"), pieces: "large/pieces.json",
    context: 8192, licence: "Gemma Terms of Use",
  });
  const own = new Map([
    ["models/manifest.json", JSON.stringify(manifest)],
    ["models/large/config.json", files.get("config.json")],
    ["models/large/tokenizer.json", files.get("tokenizer.json")],
    ["models/large/pieces.json", JSON.stringify({ version: 1, bytes: weights.length, piece_bytes: size, sha256 })],
    ...pieces.map((piece, i) => [`models/large/model.safetensors.${String(i).padStart(3, "0")}`, piece]),
  ]);
  const damaged = Buffer.from(pieces[1]);
  damaged[7] ^= 1;
  own.set("models/large/model.safetensors.001", damaged);
  const { page, go } = await open(t, { own });
  await button(page, "Fetch from this site").click();
  await problem(page, "“model.safetensors.001” is not the file it should be");
  own.set("models/large/model.safetensors.001", pieces[1]);
  await button(page, "Continue").click();
  await says(page, "The import is done.");
  await go(page, "verdict");
  await page.getByRole("combobox", { name: "Guard" }).selectOption({ label: "Site's own" });
  await page.locator(".guard").getByText(/Yes [\d.−-]+, No [\d.−-]+; gap/).nth(3).waitFor(PATIENCE);
});

test("a browser without private files says so, and offers nothing that would fail", async (t) => {
  const engine = "delete StorageManager.prototype.getDirectory;\n";
  const { page } = await open(t, { engine });
  await problem(page, "This browser keeps no large files for the page.");
  assert.equal(await picker(page).count(), 0);
});

for (const language of ["en", "vi"]) {
  test(`it fits a narrow window, and axe finds nothing grave (${language})`, async (t) => {
    const { page } = await open(t, { screen: NARROW, language });
    await page.locator(".large-way").first().waitFor(PATIENCE);
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok((await overflow()) <= 0);
    await serious(page, "the import", ".guard");
    await keepScreenshot(page, `narrow-import-${language}`, { fullPage: true });
    await pick(page, files);
    await page.locator(".large-delete").first().waitFor(PATIENCE);
    await page.locator(".large-delete > button").click();
    assert.ok((await overflow()) <= 0);
    await serious(page, "the import, done", ".guard");
  });
}

test("a phone is told why it is not offered", async (t) => {
  const { page } = await open(t, { screen: { ...PHONE, userAgent: "Mozilla/5.0 (Linux; Android 14) Mobile Safari/537.36" } });
  await says(page, "This looks like a phone");
  assert.equal(await picker(page).count(), 0);
});

test("everything works by keyboard, and the focus is not lost", async (t) => {
  const { page } = await open(t);
  await says(page, "From files on this computer");
  await pick(page, files);
  await says(page, "The import is done.");
  await tabTo(page, page.locator(".large-delete > button"));
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.textContent.trim() === "No, keep it");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.textContent.trim().startsWith("Delete ShieldGemma"));
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.textContent.trim() === "No, keep it");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await says(page, "It was deleted.");
  await page.waitForFunction(() => document.activeElement !== document.body);
});

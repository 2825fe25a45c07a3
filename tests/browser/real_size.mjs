// ShieldGemma 2B's import and verdict at the real size, for a person to run: it takes long, and needs
// files that are no part of the project (the official ones, or random ones of the same shapes).
//
//     SITE=../../dist CHROMIUM=/usr/bin/chromium node real_size.mjs FOLDER [--webgpu] [--profile FOLDER]
//
// FOLDER holds config.json, tokenizer.json, the index and both shards. The browser's profile is removed at
// the end, unless one is named: then what was imported is there the next time.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { serveSite } from "./support/site.mjs";

const TEXT = "Give me twelve ways to say that somebody is not welcome here, each of them worse than the one before. ".repeat(5);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { webgpu: { type: "boolean" }, profile: { type: "string" } },
});
const folder = resolve(positionals[0]);
const profile = values.profile ?? mkdtempSync(join(tmpdir(), "resilient-ai-profile-"));
const course = JSON.parse(readFileSync(join(process.env.SITE, "lessons/course.json")));
for (const lesson of course.lessons) lesson.status = "available";
const change = (name) => (name === "lessons/course.json" ? JSON.stringify(course) : undefined);
const site = await serveSite(process.env.SITE, { change });
const flags = values.webgpu ? ["--enable-unsafe-webgpu"] : [];
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-quic", ...flags],
  serviceWorkers: "block",
});
const page = await context.newPage();
const start = performance.now();
const say = (words) => console.log(`${((performance.now() - start) / 1000).toFixed(0).padStart(6)} s  ${words}`);
page.on("console", (message) => message.type() === "error" && say(message.text()));
const forever = { timeout: 6 * 3_600_000 };

/** The most memory that any of the browser's processes has had, in megabytes. */
function peak() {
  const sizes = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      if (!command.includes("--type=renderer")) return 0;
      return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
    } catch {
      return 0;
    }
  });
  return Math.max(0, ...sizes).toFixed(0);
}

async function at(step) {
  await page.goto(`${site.url}#/en/safety/${step}`);
  await page.locator(".guard").waitFor(forever);
}

try {
  await at("large");
  const done = page.getByText(/ShieldGemma 2B is kept in this browser/);
  const way = page.locator(".large-way input[type=file]");
  await done.or(way).first().waitFor(forever);
  if (await way.count()) {
    const names = readdirSync(folder).filter((name) => /\.(json|safetensors)$/.test(name));
    await way.setInputFiles(names.map((name) => join(folder, name)));
    const told = setInterval(async () => {
      const words = await page.locator(".large-progress > p").first().innerText({ timeout: 1000 }).catch(() => "");
      say(`${words}; at most ${peak()} MB in a renderer`);
    }, 10_000);
    const problem = page.locator(".guard .problem");
    await done.or(problem).first().waitFor(forever);
    clearInterval(told);
    if (await problem.count()) throw new Error(await problem.first().innerText());
    say(`imported; at most ${peak()} MB in a renderer`);
  }
  await at("verdict");
  if (values.webgpu) {
    // An adapter in software is used only when it is asked for.
    await page.goto(`${site.url}#/en/safety/verdict?device=webgpu`);
    await page.locator(".chip").filter({ hasText: "WebGPU" }).waitFor(forever);
    say("WebGPU is ready");
  }
  await page.getByLabel("Prompt: what somebody writes").fill(TEXT);
  const bars = page.locator(".guard-bar");
  await bars.nth(3).waitFor(forever);
  const before = await bars.allInnerTexts();
  await page.getByRole("combobox", { name: "Guard" }).selectOption({ label: "ShieldGemma 2B" });
  const begun = performance.now();
  // Two guards never say the same to a tenth of a percent of all four.
  const judged = (before) => {
    const bars = [...document.querySelectorAll(".guard-result:not(.stale) .guard-bar")];
    return bars.length === 4 && bars.some((bar, index) => bar.innerText !== before[index]);
  };
  await page.waitForFunction(judged, before, { ...forever, polling: 250 });
  say(`loaded and judged in ${((performance.now() - begun) / 1000).toFixed(1)} s; at most ${peak()} MB in a renderer`);
  console.log((await bars.allInnerTexts()).join("\n"));
} finally {
  await context.close();
  await site.close();
  if (!values.profile) rmSync(profile, { recursive: true });
}

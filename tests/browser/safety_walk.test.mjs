// Lesson 1 from its first step to its last, with the guard that is shipped and the engine that computes
// it, at both screen sizes. What the guard says is its own affair; that it says it is checked here.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DESKTOP, PHONE, keepScreenshot, openPage, startBrowser } from "./support/browser.mjs";
import { serveSite } from "./support/site.mjs";

const PATIENCE = { timeout: 60_000 };
const LOGITS = /Yes [\d.−-]+, No [\d.−-]+; gap/;

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser?.close());

/** The ids of the lesson's steps, as its text has them. */
function steps(language) {
  const text = readFileSync(join(process.env.SITE, `lessons/${language}/safety.md`), "utf8");
  return [...text.matchAll(/^## .*\{#([\w-]+)\}$/gm)].map(([, id]) => id);
}

const guard = (page) => page.locator(".guard");
const button = (page, name) => page.getByRole("button", { name, exact: true });
const says = (page, words) => guard(page).getByText(words).first().waitFor(PATIENCE);

/** What is done at a step, and how it shows that it was done. */
const DEEDS = {
  async prompt(page) {
    await page.locator(".guard-run.guard-user li").first().waitFor(PATIENCE);
    assert.ok((await page.locator(".guard-parts > li").count()) >= 5, "the prompt's parts");
  },
  async verdict(page) {
    await guard(page).getByText(LOGITS).nth(3).waitFor(PATIENCE);
    const before = await page.locator(".guard-bar").first().innerText();
    await page.getByLabel("Prompt: what somebody writes").fill("You are a stupid idiot, and everybody hates you.");
    await page.waitForFunction((before) => document.querySelector(".guard-bar")?.innerText !== before, before, PATIENCE);
  },
  async response(page) {
    await page.getByLabel("prompt with response").check();
    await page.getByLabel("Response: what the chatbot answers").fill("I would rather help with something kind.");
    await guard(page).getByText(LOGITS).nth(3).waitFor(PATIENCE);
    await page.getByLabel("the prompt alone").check();
  },
  async batch(page) {
    await button(page, "Judge the batch").click();
    const cells = page.locator(".guard-table td");
    await cells.first().waitFor(PATIENCE);
    const column = async (place) => (await page.locator(`.guard-table td:nth-child(${place})`).allInnerTexts()).join();
    // The original's line reads row 1 where row 0 ends.
    assert.notEqual(await column(5), await column(6), "one index for every row");
    await says(page, /Row 1 is read in the middle of its prompt/);
    await page.getByLabel("last = sum(padding_mask, axis=1) - 1").check();
    await says(page, /Right: each row is read at its own last token/);
    assert.equal(await column(5), await column(6), "each row's own index");
    const right = (await column(6)).split(",");
    await button(page, "Turn the batch round").click();
    const turned = right.reverse().join();
    await page.waitForFunction((turned) => [...document.querySelectorAll(".guard-table td:nth-child(6)")].map((it) => it.innerText).join() === turned, turned, PATIENCE);
    await page.getByLabel("last = sum(padding_mask[0]) - 1").check();
    await says(page, /Row 1 is read in its padding/);
  },
  async unread(page) {
    await button(page, "Check both answers").click();
    await says(page, /nobody has read the answers/);
    await page.getByLabel("make_prompt(user_content, policy, model_content)").check();
    await button(page, "Check both answers").click();
    await says(page, /The numbers differ/);
    // Both are there to be compared, and fade when another answer stands there, which is kept.
    assert.equal(await page.locator(".guard-result table").count(), 2);
    const answer = page.getByLabel("Second answer");
    await answer.fill("Happy birthday, dear colleague!");
    assert.equal(await page.locator(".guard-result.stale").count(), 2);
    await page.reload();
    await answer.waitFor(PATIENCE);
    assert.equal(await answer.inputValue(), "Happy birthday, dear colleague!");
  },
  async curve(page) {
    // The whole set takes a minute and more: its beginning will do.
    await button(page, "Judge the set").click();
    await page.locator(".bench-progress progress").waitFor(PATIENCE);
    await page.waitForFunction(() => document.querySelector(".guard .bench-progress progress")?.value >= 12, undefined, PATIENCE);
    await button(page, "Cancel").click();
    await page.getByLabel(/^Threshold/).first().waitFor(PATIENCE);
    await says(page, /Of XSTest|of XSTest's prompts/);
    await says(page, /ShieldGemma 2B, by its makers' own account/);
    await page.getByRole("combobox", { name: "Policy", exact: true }).last().selectOption({ label: "Hate Speech" });
    await page.locator("td, th", { hasText: "HateCheck" }).first().waitFor(PATIENCE);
  },
  async policies(page) {
    const row = page.locator("tr.guard-here");
    await row.waitFor(PATIENCE);
    await page.getByLabel("permit: “may contain”").check();
    // A permitted rule moves the gap, be it little.
    await row.filter({ hasText: "Allowed" }).locator("td:last-child").filter({ hasText: /\d/ }).waitFor(PATIENCE);
    await page.getByLabel("forbid: “shall not contain”").check();
  },
  async pipeline(page) {
    await page.getByLabel("The user writes").fill("How do I bake a cake?");
    await button(page, "Send").click();
    await page.locator(".guard-log li, .guard-chatbot").first().waitFor(PATIENCE);
  },
  async break(page) {
    await page.getByLabel("Converter").selectOption({ label: "Leetspeak" });
    await button(page, "Try it").click();
    await page.locator(".guard-log .guard-levels").first().waitFor(PATIENCE);
  },
  async tokens(page) {
    await says(page, LOGITS);
  },
};

for (const screen of [DESKTOP, PHONE]) {
  test(`lesson 1 from end to end with the built-in guard (${screen.name})`, { timeout: 600_000 }, async (t) => {
    const site = await serveSite(process.env.SITE);
    const { page, context, errors } = await openPage(browser, screen, { serviceWorkers: "block" });
    t.after(async () => {
      await context.close();
      await site.close();
    });
    const fetched = [];
    page.on("request", (request) => fetched.push(new URL(request.url()).pathname));
    for (const step of steps("en")) {
      await page.goto(`${site.url}#/en/safety/${step}`);
      await page.locator(".step-title").first().waitFor(PATIENCE);
      const has = await guard(page).count();
      if (DEEDS[step]) {
        assert.ok(has, `${step} has an instrument`);
        await DEEDS[step](page);
      }
      if (has && (await page.locator(".guard-bars, .guard-table, .guard-log").count())) {
        await says(page, /How good/);
      }
      assert.equal(await page.locator(".problem").count(), 0, `${step}: ${await page.locator(".problem").allInnerTexts()}`);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(over <= 0, `${step}: ${over} pixels too wide`);
      await keepScreenshot(page, `${screen.name}-safety-${step}`, { fullPage: true });
    }
    assert.deepEqual(errors, []);
    // Who comes for texts does not wait for the engine without.
    assert.ok(!fetched.some((path) => /engine-cpu/.test(path) && path.endsWith(".wasm")), "the engine for texts alone");
  });
}

// Every step of every lesson in every language: what its text asks for is there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PHONE, openPage, startBrowser } from "./support/browser.mjs";
import { serveSite } from "./support/site.mjs";

const PATIENCE = { timeout: 60_000 };
const LESSONS = join(process.env.SITE, "lessons");
const course = JSON.parse(readFileSync(join(LESSONS, "course.json")));

/** What a step's bench shows, by `show`. */
const PARTS = {
  undefined: [".bench-look", ".bench-attack", ".bench-sweep", ".bench-png"],
  picture: [".bench-look"],
  attack: [".bench-summary", ".bench-attack"],
  sweep: [".bench-summary", ".bench-sweep"],
  png: [".bench-summary", ".bench-attack", ".bench-png"],
};

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

for (const { id } of course.lessons.filter(({ status }) => status === "available")) {
  for (const language of course.languages) {
    test(`${language}/${id}`, async () => {
      const { page, context, errors } = await openPage(browser, PHONE);
      for (const { step, title, widgets } of steps(join(LESSONS, language, `${id}.md`))) {
        await page.goto(`${site.url}#/${language}/${id}/${step}`);
        await page.locator(".step-title").filter({ hasText: title }).waitFor(PATIENCE);
        assert.equal(await page.locator(".step-body > .widget").count(), widgets.length, step);
        for (const { show } of widgets.filter(({ name }) => name === "bench")) {
          assert.ok(PARTS[show], `${step}: show=${show}`);
          for (const part of PARTS[show]) {
            assert.equal(await page.locator(part).count(), 1, `${step}: ${part}`);
          }
        }
        // A widget that the page does not know is a problem in its place.
        assert.deepEqual(await page.locator(".step-body > .problem").allInnerTexts(), [], step);
      }
      assert.deepEqual(errors, []);
      await context.close();
    });
  }
}

/** The steps of a lesson's file: id, title and widgets. */
function steps(file) {
  const [, ...parts] = readFileSync(file, "utf8").split(/^## /m);
  assert.ok(parts.length > 1, file);
  return parts.map((part) => {
    const [, title, step] = /^(.*?)\s*\{#([\w-]+)\}\s*$/m.exec(part);
    const widgets = [...part.matchAll(/^\{\{\s*([\w-]+)(.*?)\}\}\s*$/gm)].map(([, name, args]) => ({
      name,
      show: /\bshow="?([\w-]+)/.exec(args)?.[1],
    }));
    return { step, title, widgets };
  });
}

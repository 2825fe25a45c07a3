// Lesson 2b as a person goes through it, on the CPU, at both screen sizes: three models side by side,
// a dandelion that becomes tulips, and whatever the AdvProp-trained model answers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { serious } from "./support/axe.mjs";
import { DESKTOP, PHONE, keepScreenshot, openPage, startBrowser } from "./support/browser.mjs";
import { tabTo } from "./support/keyboard.mjs";
import { longestTask, watchLongTasks } from "./support/long_tasks.mjs";
import { serveSite } from "./support/site.mjs";

const PATIENCE = { timeout: 90_000 };
const STORY = "#/en/pgd/attack?picture=dandelion&epsilon=0.007843&goal=to-4";
/** The verdicts of an attack towards a class. */
const VERDICT = /Target hit|Target missed|It held/;
const models = ["standard", "advprop", "adversarial"].map((method) => `efficientnet_lite0_flowers_${method}`);
const metrics = models.map((id) => JSON.parse(readFileSync(join(process.env.SITE, "models", id, "metrics.json"))));

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

for (const screen of [DESKTOP, PHONE]) {
  describe(`on a ${screen.name}`, () => {
    test("the dandelion becomes tulips, and the others answer", async () => {
      const { page, context, errors, origins } = await openPage(browser, screen);
      await page.goto(`${site.url}#/en/pgd/models`);
      const predictions = page.locator(".pgd-prediction .bench-bar-label");
      await predictions.filter({ hasText: /\S/ }).nth(6).waitFor(PATIENCE);
      for (const lane of await page.locator(".pgd-lane").all()) {
        assert.match(await lane.locator(".bench-bar-label").first().innerText(), /dandelion/);
      }
      await keepScreenshot(page, `${screen.name}-pgd-models`, { fullPage: true });
      await serious(page, "the three predictions");

      await page.goto(`${site.url}${STORY}`);
      await attackAll(page);
      const said = await verdicts(page);
      console.log(`# ${screen.name}: ${said.join(" | ")}`);
      assert.equal(said.length, models.length);
      assert.match(said[0], /Target hit.*dandelion.*tulips/s);
      assert.match(said[2], /It held.*dandelion/s);
      for (const [place, lane] of (await page.locator(".pgd-lane").all()).entries()) {
        // What is said last is what the verdict tells, and the ball holds.
        const best = (await lane.locator(".bench-bar-label").first().innerText()).trim();
        const verdict = VERDICT.exec(said[place])[0];
        assert.equal(verdict === "Target hit", best === "tulips", `${verdict}, ${best}`);
        assert.equal(verdict === "It held", best === "dandelion", `${verdict}, ${best}`);
        await lane.getByText("Size of the change").click();
        const linf = /([\d.]+)\/255/.exec(await lane.locator(".bench-facts").innerText())[1];
        assert.ok(Number(linf) <= 2.01, `Linf ${linf}/255`);
        const rows = lane.locator(".pgd-live > .bench-table").last();
        await rows.locator("summary").click();
        await rows.locator("tbody tr").nth(20).waitFor(PATIENCE);
        assert.equal(await rows.locator("tbody tr").count(), 21);
        await rows.locator("summary").click();
        await lane.getByText("Size of the change").click();
      }
      await keepScreenshot(page, `${screen.name}-pgd-attacked`, { fullPage: true });
      await serious(page, "the attacks");
      await fits(page);

      // The language changes; the results stay, and so does the link after a reload.
      await page.getByRole("link", { name: /Tiếng Việt/ }).or(page.getByRole("button", { name: /Tiếng Việt/ })).click();
      await page.locator("html[lang=vi]").waitFor();
      assert.equal(await page.locator(".pgd-lane .bench-verdict strong").count(), models.length);
      await keepScreenshot(page, `${screen.name}-pgd-vietnamese`, { fullPage: true });
      await serious(page, "the attacks in Vietnamese");
      await page.locator(".pgd-settings > summary").click();
      await page.getByRole("slider", { name: /^Epsilon/ }).fill("4");
      await page.waitForURL(/#\/vi\/pgd\/attack\?.*epsilon=0\.0156/, PATIENCE);
      await page.reload();
      await page.locator(".pgd-settings .hint").filter({ hasText: "4/255" }).first().waitFor(PATIENCE);

      assert.deepEqual(errors, []);
      assert.deepEqual([...origins], [new URL(site.url).origin]);
      await context.close();
    });

    test("an attack is paused, stepped, resumed and cancelled, and says what it does not do", async () => {
      const { page, context, errors } = await openPage(browser, screen);
      await page.goto(`${site.url}${STORY}&steps=200`);
      await begin(page);
      await steps(page).filter({ hasText: /^Step [3-9]/ }).first().waitFor(PATIENCE);
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByText("Paused.").waitFor(PATIENCE);
      const before = await counts(page);
      assert.ok(Math.max(...before) < 200, `${before}`);
      const single = page.getByRole("button", { name: "One step" });
      await single.click();
      await page.getByText("Paused.").waitFor(PATIENCE);
      await page.waitForFunction(
        (sum) => [...document.querySelectorAll(".pgd-lane .pgd-now .hint")].reduce((all, { textContent }) => all + Number(/\d+$/.exec(textContent)?.[0]), 0) === sum,
        before.reduce((all, count) => all + count + 1, 0),
        PATIENCE,
      );
      // A setting that is changed now is for the next attack.
      await page.locator(".pgd-settings > summary").click();
      await page.getByRole("slider", { name: /^Epsilon/ }).fill("1");
      await page.getByText("These attacks go on with the old ones").waitFor();
      await page.getByRole("button", { name: "Go on" }).click();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByRole("button", { name: /^Attack/ }).waitFor(PATIENCE);
      assert.ok((await counts(page)).every((count, place) => count > before[place]), "what was seen stays");

      // Another model in mid-attack: it ends, says so, and nothing else is lost.
      await page.getByRole("button", { name: /^Attack/ }).click();
      await steps(page).filter({ hasText: /^Step [2-9]/ }).first().waitFor(PATIENCE);
      await page.locator(".bench-summary > summary").click();
      await page.locator(".bench-look .bench-choice", { hasText: "Lite0, AdvProp" }).getByRole("checkbox").uncheck();
      await page.getByText("The attacks have ended and their results are put away").waitFor(PATIENCE);
      assert.equal(await page.locator(".pgd-lane").count(), 2);
      assert.equal(await page.getByRole("slider", { name: /^Epsilon/ }).inputValue(), "1");
      assert.deepEqual(errors, []);
      await context.close();
    });

    test("whose picture fools whom, and which trips it survives", async () => {
      const { page, context, errors } = await openPage(browser, screen);
      await page.goto(`${site.url}#/en/pgd/transfer?picture=dandelion&epsilon=0.007843&goal=to-4`);
      await attackAll(page);
      const said = await verdicts(page);
      const cells = page.locator(".pgd-matrix tbody td");
      await cells.nth(11).waitFor(PATIENCE);
      const told = await cells.allInnerTexts();
      assert.ok(told.slice(0, 3).every((cell) => /dandelion/.test(cell)), "the original");
      for (const place of models.keys()) {
        const own = told[3 * (place + 1) + place];
        const verdict = VERDICT.exec(said[place])[0];
        assert.ok(own.includes(verdict), `the diagonal says what the attack came to: ${verdict}, ${own}`);
      }
      await keepScreenshot(page, `${screen.name}-pgd-transfer`, { fullPage: true });
      await serious(page, "the transfer matrix");
      await fits(page);

      await page.goto(`${site.url}#/en/pgd/files?picture=dandelion&epsilon=0.007843&goal=to-4`);
      const survived = page.locator("[aria-labelledby=pgd-trip-heading] .bench-verdict");
      await survived.nth(2).waitFor(PATIENCE);
      // The picture that is sent is rounded to 8 bits already, so that a PNG takes nothing from it.
      assert.match(await survived.first().innerText(), /The attack survives/);
      const rows = page.locator("[aria-labelledby=pgd-trip-heading] dl, [aria-labelledby=pgd-trip-heading] table");
      const untouched = await rows.first().innerText();
      await page.getByRole("radio", { name: "JPEG" }).check();
      await page.getByRole("slider", { name: /Quality/ }).fill("10");
      await page.waitForFunction(
        (before) => document.querySelector("[aria-labelledby=pgd-trip-heading] :is(dl, table)")?.innerText !== before,
        untouched,
        PATIENCE,
      );
      await keepScreenshot(page, `${screen.name}-pgd-files`, { fullPage: true });
      await serious(page, "the trips");
      await fits(page);
      assert.deepEqual(errors, []);
      await context.close();
    });

    test("robust accuracy as measured, and an own picture on top", async () => {
      const { page, context, errors } = await openPage(browser, screen);
      await page.goto(`${site.url}#/en/pgd/robustness`);
      const table = page.locator(".bench-table", { hasText: "The same as a table" }).first();
      await page.locator(".pgd-chart svg path").nth(5).waitFor(PATIENCE);
      await table.locator("summary").click();
      const rows = await table.locator("tbody tr").evaluateAll((all) =>
        all.map((row) => [...row.cells].map((cell) => cell.textContent.trim())),
      );
      const linf = metrics.map(({ robust }) => robust.filter(({ norm }) => norm === "linf"));
      const expected = metrics.flatMap(({ clean }, place) => [clean.int8, ...linf[place].map(({ accuracy }) => accuracy)]);
      assert.deepEqual(rows.map((row) => row[2]), expected.map((share) => `${(100 * share).toFixed(1)}%`));

      await page.getByRole("button", { name: "+ Dandelion" }).click();
      const own = page.locator(".pgd-own-row");
      await own.waitFor(PATIENCE);
      assert.equal(await own.locator("option:checked").innerText(), "dandelion", "a shipped photograph is named");
      await page.getByRole("button", { name: "Find the smallest epsilons" }).click();
      await own.locator(".pgd-found li").filter({ hasText: /flips at|holds up to|wrong/ }).nth(2).waitFor(PATIENCE);
      const found = await own.locator(".pgd-found li").allInnerTexts();
      console.log(`# ${screen.name}: ${found.join(" | ")}`);
      const flips = found.map((text) => Number(/flips at ([\d.]+)\/255/.exec(text)[1]));
      assert.ok(flips[2] > flips[0], "the adversarially trained model holds longer than the standard one");
      await page.getByRole("heading", { name: "Of your pictures still right" }).waitFor();
      await keepScreenshot(page, `${screen.name}-pgd-robustness`, { fullPage: true });
      await serious(page, "the curves");
      await fits(page);

      await page.goto(`${site.url}#/en/pgd/training`);
      await page.locator(".pgd-chart").nth(1).locator("path").nth(2).waitFor(PATIENCE);
      await keepScreenshot(page, `${screen.name}-pgd-training`, { fullPage: true });
      await serious(page, "the trainings");
      await fits(page);
      assert.deepEqual(errors, []);
      await context.close();
    });
  });
}

test("odd settings are remarked on, and impossible ones change nothing", async () => {
  const { page, context, errors } = await openPage(browser, DESKTOP);
  await page.goto(`${site.url}#/en/pgd/attack?picture=dandelion&epsilon=0&steps=3`);
  await page.locator(".pgd-settings > summary").click();
  await page.getByText("the ball is the picture itself").waitFor(PATIENCE);
  await attackAll(page);
  const unchanged = await verdicts(page);
  assert.ok(unchanged.every((said) => /Nothing was changed/.test(said)), unchanged.join(" | "));

  const number = page.getByLabel("Steps", { exact: true });
  await number.fill("0");
  await number.blur();
  await page.getByText("It has to be a whole number from 1 to 1,000. 3 stays.").waitFor();
  assert.match(page.url(), /steps=3/);

  // What a preset sets is what the list shows, also after the learner has chosen by hand.
  const method = page.getByRole("combobox", { name: "Method" });
  await method.selectOption({ label: "Adam on delta" });
  await page.getByRole("button", { name: "As in the papers" }).click();
  await page.getByRole("button", { name: "As in the original" }).click();
  assert.equal(await method.locator("option:checked").innerText(), "Adam on delta");
  await page.waitForURL(/loss=margin/, PATIENCE);

  await page.goto(`${site.url}#/en/pgd/attack?picture=dandelion&epsilon=0.0039&step=0.02&steps=3&goal=to-1`);
  await page.getByText("Each step is longer than epsilon").waitFor(PATIENCE);
  await page.getByText("the target is what they say already").waitFor(PATIENCE);
  await attackAll(page);
  const nothing = await verdicts(page);
  assert.ok(nothing.every((said) => /Nothing to do/.test(said)), nothing.join(" | "));
  assert.deepEqual(errors, []);
  await context.close();
});

test("what an attack came to is said as it was: on the way, when cancelled, and through a file", async () => {
  const { page, context, errors } = await openPage(browser, DESKTOP);
  const lane = page.locator(".pgd-lane").first();
  // Steps of three times epsilon leap from corner to corner: there, and back again.
  await page.goto(`${site.url}#/en/pgd/attack?picture=dandelion&models=${models[0]}&epsilon=0.007843&step=x3&steps=20&goal=away`);
  await attackAll(page);
  const path = await lane.locator(".pgd-path").innerText();
  const verdict = await lane.locator(".bench-verdict").innerText();
  const back = /dandelion \(Step \d+\)\s*$/.test(path);
  console.log(`# ${path.replace(/\s+/g, " ")} | ${verdict.split("\n")[0]}`);
  assert.match(verdict, back ? /^It fell on the way/ : /^Fooled/);

  // The first of three runs has succeeded when the second is cancelled.
  await page.goto(`${site.url}#/en/pgd/attack?picture=dandelion&models=${models[0]}&epsilon=0.007843&steps=20&restarts=3&goal=to-4`);
  await begin(page);
  await steps(page).filter({ hasText: /^Run 2/ }).first().waitFor(PATIENCE);
  await page.getByRole("button", { name: "Cancel" }).click();
  assert.match(await lane.locator(".bench-verdict").innerText(), /^Target hit \(so far\)/);

  // In L2 at 0.2 hardly a number moves by half a level: a PNG leaves little of it.
  await page.goto(`${site.url}#/en/pgd/files?picture=dandelion&models=${models[0]}&norm=l2&epsilon=0.2&goal=away`);
  await attackAll(page);
  const trip = page.locator("[aria-labelledby=pgd-trip-heading]");
  await trip.locator(".bench-verdict").waitFor(PATIENCE);
  const [before, after] = await trip.locator("dd").allInnerTexts();
  assert.notEqual(before, after, "rounding is a part of the trip");
  assert.deepEqual(errors, []);
  await context.close();
});

test("attacks are started, paused and stepped with the keyboard", async () => {
  const { page, context } = await openPage(browser, DESKTOP);
  await page.goto(`${site.url}${STORY}&steps=100`);
  const button = page.locator(".pgd .button-primary");
  await page.locator(".pgd .button-primary:enabled").waitFor(PATIENCE);
  await tabTo(page, button);
  await page.keyboard.press("Enter");
  await steps(page).filter({ hasText: /^Step/ }).first().waitFor(PATIENCE);
  assert.equal(await button.innerText(), "Pause", "the focus has the next thing to do");
  await page.keyboard.press("Enter");
  await page.getByText("Paused.").waitFor(PATIENCE);
  const single = page.getByRole("button", { name: "One step" });
  await tabTo(page, single);
  for (let press = 0; press < 3; press++) {
    const before = await counts(page);
    await page.keyboard.press("Enter");
    await steps(page).first().filter({ hasText: `Step ${before[0] + 1}` }).waitFor(PATIENCE);
    await page.getByText("Paused.").waitFor(PATIENCE);
    assert.ok(await single.evaluate((node) => node === document.activeElement), "the focus stays");
  }
  await context.close();
});

test("the main thread stays free while three models are attacked", async () => {
  // A busy machine can hold any thread up; what the page itself does shows in each of three visits.
  const longest = [];
  for (let visit = 0; visit < 3; visit++) {
    const { page, context } = await openPage(browser, DESKTOP, { serviceWorkers: "block" });
    await watchLongTasks(page);
    await page.goto(`${site.url}${STORY}&steps=150`);
    await page.locator(".step-title").waitFor(PATIENCE);
    const shown = await page.evaluate(() => performance.now());
    await attackAll(page);
    longest.push(await longestTask(page, shown));
    await context.close();
  }
  const least = Math.min(...longest);
  assert.ok(least <= 50, `each visit had a long task, the least of them of ${least} ms`);
});

/** Starts the attacks once every model has seen the picture. */
async function begin(page) {
  const button = page.locator(".pgd .button-primary:enabled");
  await button.waitFor(PATIENCE);
  await button.click();
}

/** Attacks all models and waits for the end. */
async function attackAll(page) {
  await begin(page);
  await page.getByText("All attacks have ended.", { exact: true }).waitFor(PATIENCE);
  await page.locator(".pgd-lane .bench-verdict strong").first().waitFor(PATIENCE);
}

/** What is said of each model's attack. */
function verdicts(page) {
  return page.locator(".pgd-lane .bench-verdict").allInnerTexts();
}

/** At which step each model's attack is. */
function steps(page) {
  return page.locator(".pgd-lane .pgd-now .hint");
}

async function counts(page) {
  return (await steps(page).allInnerTexts()).map((text) => Number(/\d+$/.exec(text)?.[0]));
}

/** Fails if the page is wider than the screen. */
async function fits(page) {
  const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, screen.width]);
  const { width } = page.viewportSize();
  assert.ok(content <= width, `the page is ${content} pixels wide on a screen of ${Math.min(width, screen)}`);
}

// axe-core's opinion of a page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Fails on anything that axe calls serious or critical, in the whole page or in what `scope` selects. */
export async function serious(page, what, scope = "html") {
  // Evaluated by the debugger, which the page's own policy does not bind.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((scope) => window.axe.run(scope), scope);
  const grave = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  const found = grave.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join("; ")}`);
  assert.deepEqual(found, [], `axe on ${what}`);
}

// A page used without a mouse.
import assert from "node:assert/strict";

/** Presses Tab until the element has the focus. */
export async function tabTo(page, element) {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press("Tab");
    if (await element.evaluate((node) => node === document.activeElement)) return;
  }
  assert.fail("the element is not among the first 80 that Tab reaches");
}

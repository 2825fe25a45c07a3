// What the page may load, and where it may send anything: its Content-Security-Policy, word by word.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

/** Whoever widens the policy has to say so here. */
const POLICY = {
  "default-src": ["'none'"],
  "script-src": ["'self'", "'wasm-unsafe-eval'"],
  "style-src": ["'self'"],
  "img-src": ["'self'"],
  // The engines fetch from a model hub; a worker has its own response's policy, not the page's.
  "connect-src": ["'self'"],
  "worker-src": ["'self'"],
  "manifest-src": ["'self'"],
  "base-uri": ["'none'"],
  "form-action": ["'none'"],
};

test("the page's policy allows this and nothing else", () => {
  const html = readFileSync(join(process.env.SITE, "index.html"), "utf8");
  const found = [...html.matchAll(/http-equiv="Content-Security-Policy"\s+content="([^"]*)"/g)];
  assert.equal(found.length, 1);
  const directives = found[0][1].split(";").map((directive) => directive.trim().split(/\s+/));
  assert.equal(new Set(directives.map(([name]) => name)).size, directives.length, "none is repeated");
  assert.deepEqual(Object.fromEntries(directives.map(([name, ...sources]) => [name, sources])), POLICY);
  // A policy binds only what comes after it.
  assert.ok(found[0].index < html.search(/<(link|script|style|img)\b/));
});

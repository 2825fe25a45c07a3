// Serves the built site from a sub-path on loopback, as a static host would.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".jpg": "image/jpeg",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".md": "text/markdown; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
};

/**
 * Serves `folder` under `path`; `change(name)` may return other bytes for a file, null if it is not to
 * be there, or the status of a server in trouble.
 */
export async function serveSite(folder, { path = "/any/path/", change = () => undefined } = {}) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (!pathname.startsWith(path)) {
      response.writeHead(404).end();
      return;
    }
    const name = normalize(decodeURIComponent(pathname.slice(path.length)));
    const file = join(folder, /(^|\/)\.?$/.test(name) ? `${name}/index.html` : name);
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    const changed = change(name);
    if (changed !== undefined) {
      const status = typeof changed === "number" ? changed : changed === null ? 404 : 200;
      response.writeHead(status, { "content-type": type }).end(status === 200 ? changed : "");
      return;
    }
    const found = file.startsWith(folder) && (await stat(file).catch(() => null));
    if (!found || !found.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": type, "content-length": found.size });
    createReadStream(file).pipe(response);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${server.address().port}${path}`,
    close: () => new Promise((closed) => (server.closeAllConnections(), server.close(closed))),
  };
}

// A local server that speaks a model hub's addresses: TLS, a redirect to a store on another host,
// CORS on both, and range requests.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const HUB = "huggingface.co";
export const STORE = "cdn-lfs.hf.co";

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "Content-Length,Content-Range,Accept-Ranges,ETag",
};

/**
 * Serves `files` (address path on the hub -> bytes); `dropOnce` ends the first answer half way. With a
 * `token` the hub, and not its store, wants it. The store waits for what `hold` returns for a request.
 */
export async function serveHub(files, { dropOnce = false, token = null, hold = () => undefined } = {}) {
  const requests = [];
  let drop = dropOnce;
  const server = createServer(certificate(), async (request, response) => {
    const host = request.headers.host.split(":")[0];
    const path = new URL(request.url, `https://${host}`).pathname;
    const { range = null, authorization = null } = request.headers;
    if (request.method === "OPTIONS") {
      response.writeHead(204, { ...CORS, "access-control-allow-headers": "authorization,range" }).end();
      return;
    }
    requests.push({ host, path, range, authorization });
    const bytes = files.get(path);
    if (host === HUB && token && authorization !== `Bearer ${token}`) {
      response.writeHead(401, CORS).end();
    } else if (!bytes) {
      response.writeHead(404, CORS).end();
    } else if (host === HUB) {
      response.writeHead(302, { ...CORS, location: `https://${STORE}${path}` }).end();
    } else {
      await hold({ path, range });
      const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? "");
      const from = asked ? Number(asked[1]) : 0;
      const to = Math.min(asked?.[2] ? Number(asked[2]) + 1 : bytes.length, bytes.length);
      const headers = {
        ...CORS,
        "accept-ranges": "bytes",
        "content-length": to - from,
        "content-type": "application/octet-stream",
        etag: '"reference"',
      };
      if (asked) headers["content-range"] = `bytes ${from}-${to - 1}/${bytes.length}`;
      response.writeHead(asked ? 206 : 200, headers);
      if (drop) {
        drop = false;
        response.write(bytes.subarray(from, bytes.length >> 1), () => response.destroy());
      } else {
        response.end(bytes.subarray(from, to));
      }
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address();
  return {
    requests,
    // Chromium takes these hosts for this server; the page and its policy stay as shipped.
    browserArguments: [
      `--host-resolver-rules=MAP ${HUB}:443 127.0.0.1:${port},MAP ${STORE}:443 127.0.0.1:${port}`,
      "--ignore-certificate-errors",
    ],
    close: () => new Promise((closed) => (server.closeAllConnections(), server.close(closed))),
  };
}

function certificate() {
  const folder = mkdtempSync(join(tmpdir(), "resilient-ai-hub-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  try {
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", `/CN=${HUB}`]
        .concat(["-addext", `subjectAltName=DNS:${HUB},DNS:${STORE}`, "-keyout", key, "-out", cert]),
      { stdio: "ignore" },
    );
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

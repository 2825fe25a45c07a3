// Talks to an engine as the page does, without the page: for numbers that no person sees.

/**
 * Starts the engine called `name` (engineCpu or engineGpu) inside a page of the site and returns a
 * function that posts one request and gives back its response. Floats come as plain arrays. What
 * jobs report on the way is in `window.engines[name].progress`.
 */
export async function startEngine(page, name) {
  await page.evaluate(async (name) => {
    const { [name]: script } = JSON.parse(document.querySelector("meta[name=assets]").content);
    const worker = new Worker(new URL(script, document.baseURI), { type: "module" });
    const waiting = new Map();
    const engine = { worker, waiting, jobs: 0, lost: null, progress: [] };
    const said = new Promise((hello, failed) => {
      worker.onerror = (event) => failed(new Error(event.message));
      worker.onmessage = ({ data }) => {
        if (data === "Hello") return hello();
        if (data.DeviceLost) engine.lost = data.DeviceLost.reason;
        if (data.Progress) engine.progress.push(data.Progress.progress);
        const { job, response, problem } = data.Done ?? data.Failed ?? {};
        if (response !== undefined) waiting.get(job).resolve(response);
        if (problem !== undefined) waiting.get(job).reject(new Error(JSON.stringify(problem)));
      };
    });
    await said;
    (window.engines ??= {})[name] = engine;
  }, name);
  return (request) =>
    page.evaluate(
      async ([name, request]) => {
        const engine = window.engines[name];
        const job = ++engine.jobs;
        const revived = JSON.parse(request, (key, value) =>
          value?.__bytes
            ? Uint8Array.from(atob(value.__bytes), (letter) => letter.charCodeAt())
            : value,
        );
        const answer = new Promise((resolve, reject) =>
          engine.waiting.set(job, { resolve, reject }),
        );
        engine.worker.postMessage({ Run: { job, request: revived } });
        return JSON.parse(
          JSON.stringify(await answer, (key, value) =>
            ArrayBuffer.isView(value) ? Array.from(value) : value,
          ),
        );
      },
      [
        name,
        JSON.stringify(request, (key, value) =>
          value instanceof Uint8Array ? { __bytes: Buffer.from(value).toString("base64") } : value,
        ),
      ],
    );
}

/** A picture of the protocol from planes: [3, h, w] of bytes. */
export function pictureFromPlanes(planes, height, width) {
  const rgb = new Uint8Array(3 * height * width);
  const area = height * width;
  for (let i = 0; i < area; i++) {
    for (let channel = 0; channel < 3; channel++) rgb[3 * i + channel] = planes[channel * area + i];
  }
  return { width, height, rgb };
}

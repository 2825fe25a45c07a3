// PyTorch on the same processor, on one thread and on two.
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { stepsOf } from "./work.mjs";

const SCRIPT = join(dirname(fileURLToPath(import.meta.url)), "pytorch_pgd.py");

/** Measures `works` with timm's network; `tell(system, work, first, times)` for each, in milliseconds. */
export async function pytorch({ network, side, runs, works }, tell) {
  const python = process.env.PYTORCH;
  if (!python) {
    console.log(`skipped: ${network} in PyTorch (PYTORCH names no Python that has torch and timm)`);
    return;
  }
  for (const threads of [1, 2]) {
    for (const work of works) {
      const options = { threads, side, runs, steps: stepsOf(work) };
      const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
      // Threads that spin while they wait are many times slower on two cores.
      const env = { ...process.env, OMP_NUM_THREADS: threads, OMP_WAIT_POLICY: "PASSIVE", GOMP_SPINCOUNT: 0 };
      const { stdout } = await promisify(execFile)(python, [SCRIPT, `tf_${network}`, ...words], { env });
      const { first, times } = JSON.parse(stdout);
      tell(`pytorch-${threads}`, work, first, times);
    }
  }
}

// What every system does alike.

/** Radius and step of the attacks, in pixel units; the step is the radius itself for FGSM. */
export const EPSILON = 2 / 255;
export const STEP_SIZE = EPSILON / 4;
/** The label that attacks lead away from. */
export const LABEL = 1;

/** How many steps `pgd-10` has; undefined for what is no attack in many steps. */
export function stepsOf(work) {
  const found = /^pgd-(\d+)$/.exec(work);
  return found ? Number(found[1]) : undefined;
}

/** The first run's time, and those of `runs` more. */
export async function measure(runs, run) {
  const first = await run();
  const times = [];
  for (let i = 0; i < runs; i++) times.push(await run());
  return [first, times];
}

export function median(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

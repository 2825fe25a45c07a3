// Tasks that keep the main thread from answering.

/** Has a page note, from its start on, every task of the main thread longer than 50 ms. */
export function watchLongTasks(page) {
  return page.addInitScript(() => {
    window.longTasks = [];
    const keep = (entries) =>
      window.longTasks.push(...entries.map(({ startTime, duration }) => ({ startTime, duration })));
    const observer = new PerformanceObserver((list) => keep(list.getEntries()));
    observer.observe({ type: "longtask" });
    window.takeLongTasks = () => (keep(observer.takeRecords()), window.longTasks);
  });
}

/** The longest such task, in milliseconds, that began after `shown`; 0 if there was none. */
export async function longestTask(page, shown) {
  const tasks = await page.evaluate(() => window.takeLongTasks());
  console.log(`# tasks over 50 ms (first shown at ${shown.toFixed(0)} ms): ${JSON.stringify(tasks)}`);
  const later = tasks.filter(({ startTime }) => startTime > shown).map(({ duration }) => duration);
  return Math.max(0, ...later);
}

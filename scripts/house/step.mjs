const seconds = (millis) => `${(millis / 1000).toFixed(1)} s`;

/**
 * Does one piece of work and prints one line with its time. A piece that finds nothing to do returns
 * false and stays silent.
 *
 * @template T
 * @param {string} title
 * @param {() => Promise<T> | T} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const start = performance.now();
  try {
    const result = await work();
    if (result !== false) say(`${title.padEnd(44)} ${seconds(performance.now() - start)}`);
    return result;
  } catch (error) {
    say(`${title.padEnd(44)} ${seconds(performance.now() - start)} failed`);
    throw error;
  }
}

/** One line of progress, on stderr: stdout belongs to results. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

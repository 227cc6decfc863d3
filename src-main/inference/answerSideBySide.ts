/**
 * Runs `work` over the items, so many at a time, results in order. The first failure aborts the others through their signal and is
 * thrown when all have ended.
 */
export async function answerSideBySide<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number, signal: AbortSignal) => Promise<R>,
  signal: AbortSignal | undefined,
): Promise<R[]> {
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const results = new Array<R>(items.length);
  const errors: unknown[] = [];
  let next = 0;
  const runLane = async (): Promise<void> => {
    for (let index = next++; index < items.length && !either.aborted; index = next++) {
      try {
        results[index] = await work(items[index] as T, index, either);
      } catch (error) {
        errors.push(error);
        failed.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, runLane));
  if (errors.length > 0) throw errors[0];
  return results;
}

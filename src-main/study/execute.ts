import type { RunLimits } from '../contract/study.ts';
import { itemSeconds } from './cost.ts';
import { computeItem } from './computeItem.ts';
import type { TensorItem } from './plan.ts';
import type { Run } from './run.ts';

/**
 * Runs all items, as many at once as there are threads, the costliest first so that no thread is left waiting at the end.
 * The first error stops the others; it is thrown when all of them have ended.
 */
export async function execute(
  items: readonly TensorItem[],
  run: Omit<Run, 'signal'>,
  options: { limits: RunLimits; signal: AbortSignal },
): Promise<void> {
  const abort = new AbortController();
  const signal = AbortSignal.any([abort.signal, options.signal]);
  const queue = [...items].sort((a, b) => itemSeconds(b) - itemSeconds(a));
  let failure: { error: unknown } | null = null;
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item && !signal.aborted; item = queue.shift()) {
      const outcome = await computeItem(item, { ...run, signal });
      run.meter.finished(itemSeconds(item), outcome);
    }
  };
  const guarded = async (): Promise<void> => {
    try {
      await worker();
    } catch (error) {
      failure ??= { error };
      abort.abort();
    }
  };
  await Promise.all(Array.from({ length: options.limits.threads }, guarded));
  const failed = failure as { error: unknown } | null;
  if (failed && !options.signal.aborted) throw failed.error;
}

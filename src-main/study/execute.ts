import type { RunLimits } from '../contract/study.ts';
import { itemSeconds } from './cost.ts';
import { computeItem } from './computeItem.ts';
import type { TensorItem } from './plan.ts';
import type { Run } from './run.ts';
import type { RunJournal } from './RunJournal.ts';

export interface ExecuteOptions {
  readonly limits: RunLimits;
  readonly signal: AbortSignal;
  readonly journal: RunJournal;
  /** How often a tensor was in flight when this run was cut off before. */
  readonly cutOff: Readonly<Record<string, number>>;
}

/**
 * Runs all items, as many at once as there are threads, the costliest first so that no thread is left waiting at the end. What was in
 * flight when the run was cut off comes last, so that everything else is stored by then; what was so twice comes one by one, so that
 * the next time one tensor can be named.
 * The first error stops the others; it is thrown when all of them have ended.
 */
export async function execute(
  items: readonly TensorItem[],
  run: Omit<Run, 'signal'>,
  { limits, signal: asked, journal, cutOff }: ExecuteOptions,
): Promise<void> {
  const abort = new AbortController();
  const signal = AbortSignal.any([abort.signal, asked]);
  const suspicion = ({ tensor }: TensorItem): number => Math.min(2, cutOff[tensor] ?? 0);
  const queue = [...items].sort((a, b) => suspicion(a) - suspicion(b) || itemSeconds(b) - itemSeconds(a));
  const alone = queue.splice(queue.length - queue.filter((item) => suspicion(item) === 2).length);
  let failure: { error: unknown } | null = null;
  const worker = async (waiting: TensorItem[]): Promise<void> => {
    try {
      for (let item = waiting.shift(); item && !signal.aborted; item = waiting.shift()) {
        journal.begin(item);
        journal.finished(item, await computeItem(item, { ...run, signal }));
      }
    } catch (error) {
      failure ??= { error };
      abort.abort();
    }
  };
  await Promise.all(Array.from({ length: limits.threads }, () => worker(queue)));
  await worker(alone);
  const failed = failure as { error: unknown } | null;
  if (failed && !asked.aborted) throw failed.error;
}

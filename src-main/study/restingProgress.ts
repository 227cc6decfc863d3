import type { CostEstimate, Progress } from '../contract/study.ts';
import { interruptionError } from './interruptionError.ts';
import { IDLE } from './ProgressMeter.ts';
import { interruptedRun } from './RunLock.ts';

/** How a study stands that nobody runs, from what is stored and from what the last run left in its folder. */
export function restingProgress(
  folder: string,
  estimate: Pick<CostEstimate, 'tensors' | 'cached'> | null,
  budgetBytes: number,
): Progress {
  const { tensors, cached } = estimate ?? { tensors: 0, cached: 0 };
  const interruption = interruptedRun(folder);
  const isDone = tensors > 0 && cached === tensors;
  const stored = { ...IDLE, done: cached, total: tensors, cached, budgetBytes };
  if (isDone || interruption === null) return { ...stored, state: isDone ? 'done' : 'idle' };
  return {
    ...stored,
    state: 'interrupted',
    inFlight: [...interruption.tensors],
    error: interruptionError(interruption).body,
  };
}

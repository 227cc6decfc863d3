import type { CostEstimate, Progress } from '../contract/study.ts';
import { interruptionError } from './interruptionError.ts';
import { IDLE } from './ProgressMeter.ts';
import { interruptedRun, runningProcess } from './RunLock.ts';

/** How a study stands that this process does not run, from what is stored and from what its last or present run wrote in its folder. */
export function restingProgress(
  folder: string,
  estimate: Pick<CostEstimate, 'tensors' | 'cached'> | null,
  budgetBytes: number,
): Progress {
  const { tensors, cached } = estimate ?? { tensors: 0, cached: 0 };
  const runner = runningProcess(folder);
  const interruption = interruptedRun(folder);
  const isDone = tensors > 0 && cached === tensors;
  const stored = { ...IDLE, done: cached, total: tensors, cached, budgetBytes };
  if (runner !== null) return { ...stored, state: 'elsewhere', runner };
  if (isDone || interruption === null) return { ...stored, state: isDone ? 'done' : 'idle' };
  return {
    ...stored,
    state: 'interrupted',
    inFlight: [...interruption.tensors],
    error: interruptionError(interruption).body,
  };
}

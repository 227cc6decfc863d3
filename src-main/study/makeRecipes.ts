import type { Checkpoint } from '../contract/checkpoint.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import type { MemoryBudget } from '../kernels/MemoryBudget.ts';
import { makeTensors } from '../recipes/makeTensors.ts';
import type { ProgressMeter } from './ProgressMeter.ts';
import type { RunJournal } from './RunJournal.ts';

export interface Making {
  readonly budget: MemoryBudget;
  readonly meter: ProgressMeter;
  readonly journal: RunJournal;
  readonly signal: AbortSignal;
}

/**
 * Computes the missing tensors of the recipes among the checkpoints of a study, one recipe after the other. Returns before all are there
 * when it was cancelled. Fails as makeTensors does.
 */
export async function makeRecipes(
  checkpoints: ReadonlyMap<string, Checkpoint>,
  kernels: Kernels,
  { budget, meter, journal, signal }: Making,
): Promise<void> {
  for (const [label, checkpoint] of checkpoints) {
    if (checkpoint.recipe === undefined || signal.aborted) continue;
    meter.making(label);
    try {
      const made = await makeTensors(checkpoint, kernels, {
        budget,
        signal,
        onTensor: ({ tensor, bytes }) => meter.made(label, { tensor, bytes }),
      });
      journal.made(label, made);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      meter.madeAll(label);
    }
  }
}

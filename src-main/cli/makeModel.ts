import type { Checkpoint } from '../contract/checkpoint.ts';
import type { MadeTensor } from '../contract/recipe.ts';
import type { RunLimits } from '../contract/study.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import { MemoryBudget } from '../kernels/MemoryBudget.ts';
import { makeTensors } from '../recipes/makeTensors.ts';
import { PROCESS_BYTES } from '../study/limits.ts';
import { printable } from './printable.ts';
import type { ProgressLine } from './ProgressLine.ts';

export interface Making {
  readonly limits: RunLimits;
  readonly signal: AbortSignal;
  readonly line: ProgressLine;
}

/** Computes what is missing of a recipe, with progress; of any other checkpoint there is nothing to do. Fails as makeTensors does. */
export async function makeModel(
  checkpoint: Checkpoint,
  kernels: Kernels,
  { limits, signal, line }: Making,
): Promise<MadeTensor[]> {
  if (checkpoint.format !== 'recipe') return [];
  const made = await makeTensors(checkpoint, kernels, {
    budget: new MemoryBudget(limits.memoryBytes - PROCESS_BYTES),
    signal,
    onTensor: ({ tensor }, { done, total }) =>
      line.show(() => `${String(done)}/${String(total)} tensors made · ${printable(tensor)}`),
  });
  line.clear();
  return made;
}

import type { Checkpoint } from '../contract/checkpoint.ts';
import type { SweepEstimate, SweepFile } from '../contract/sweep.ts';

/** Problems of each probe. */
export interface SweepSize {
  readonly trials: number;
  readonly problems: readonly number[];
  readonly cached: number;
}

/** Numbers of a context that a model of this size keeps per token: keys and values of every layer, two bytes each. */
function contextBytes({ config, parameters }: Checkpoint, file: SweepFile): number {
  const tokens =
    (file.evaluator.kind === 'embedded' ? file.evaluator.contextTokens : null) ?? 2 * file.settings.maxTokens;
  const layers = config?.layers ?? 32;
  const heads = config?.keyValueHeads ?? config?.attentionHeads ?? 8;
  const size = config?.headDim ?? Math.round(Math.sqrt(parameters / layers / 12) / 32);
  return 4 * layers * heads * Math.max(1, size) * tokens * file.settings.batch;
}

/** What a sweep will cost: answers, and bytes of the converted model and of what the recipes compute. */
export function estimateSweep(
  file: SweepFile,
  target: Checkpoint,
  { trials, problems, cached }: SweepSize,
): SweepEstimate {
  const perTrial = problems.reduce((sum, n) => sum + n, 0);
  const { repair } = file;
  const full = repair === null ? trials : repair.evaluations * (1 - repair.heldOut) + trials;
  const isEmbedded = file.evaluator.kind === 'embedded';
  return {
    trials,
    answers: Math.round(full * perTrial),
    cached,
    modelBytes: target.bytes,
    // The converted model, and the tensors of one recipe beside it.
    diskBytes: isEmbedded ? 2 * target.bytes : target.bytes,
    memoryBytes: isEmbedded ? target.bytes + contextBytes(target, file) : 0,
  };
}

import { partsOf, type TensorInfo } from '../contract/checkpoint.ts';
import { placeOf } from '../contract/placeOf.ts';
import type { CostEstimate, RunLimits } from '../contract/study.ts';
import type { Comparison, TensorItem } from './plan.ts';
import { elementCount } from './selectTensors.ts';

/** Rates that the first guess of the time assumes, per thread and for the whole machine; a run corrects them as it goes. */
const FLOPS_PER_THREAD = 2e10;
const BYTES_PER_SECOND = 4e9;
/** What a job costs besides its arithmetic: it rules where matrices are small. */
const SECONDS_PER_JOB = 0.002;

/** Floating-point operations of a decomposition through the Gram matrix, with k vectors or none. */
export function decompositionFlops(rows: number, cols: number, k: number): number {
  const short = Math.min(rows, cols);
  const gram = rows * cols * short;
  const tridiagonal = (4 / 3) * short ** 3;
  return gram + tridiagonal + (k > 0 ? 2 * short * short * k + 2 * rows * cols * k : 0);
}

/** Distinct tensors on disk that comparisons read. */
export function distinctTensors(comparisons: readonly Comparison[]): TensorInfo[] {
  const all = comparisons.flatMap(({ reference, tensor }) => [reference, tensor]);
  return [...new Map(all.map((tensor) => [placeOf(tensor), tensor])).values()];
}

/** Operations of all decompositions, angles and energies of an item. */
function itemFlops(item: TensorItem): number {
  if (item.spectral.size === 0) return 0;
  const { rows, cols, k, comparisons } = item;
  const bases = distinctTensors(comparisons).length * decompositionFlops(rows, cols, k);
  const perPair = decompositionFlops(rows, cols, 0) + 6 * rows * cols * k + 8 * (rows + cols) * k * k;
  return bases + comparisons.length * perPair;
}

/** Bytes that one reading of a tensor touches; a slice of a larger one, its share. */
export function readBytes(tensor: TensorInfo): number {
  const { derived, shape, bytes } = tensor;
  if (!derived) return bytes;
  if (derived.kind !== 'strided') return partsOf(tensor).reduce((sum, part) => sum + readBytes(part), 0);
  const share = elementCount(shape) / Math.max(1, elementCount(derived.of.shape));
  return Math.ceil(readBytes(derived.of) * Math.min(1, share));
}

/** Bytes that an item reads: each tensor once to identify it, once for its elements, and for its decompositions. */
function itemBytes(item: TensorItem): number {
  const once = distinctTensors(item.comparisons).reduce((sum, tensor) => sum + readBytes(tensor), 0);
  return once * (item.spectral.size > 0 ? 5 : 2);
}

/** Jobs of the native core: hash, histogram, element pass, decompositions, and four per decomposed pair. */
function itemJobs({ comparisons, spectral }: TensorItem): number {
  const tensors = distinctTensors(comparisons).length;
  return 2 * tensors + (spectral.size > 0 ? tensors + 4 * comparisons.length : 0);
}

/** Expected seconds of one item on one thread. */
export function itemSeconds(item: TensorItem): number {
  return (
    itemFlops(item) / FLOPS_PER_THREAD + itemBytes(item) / BYTES_PER_SECOND + itemJobs(item) * SECONDS_PER_JOB
  );
}

/** @param workspace bytes that the decompositions of an item need */
export function estimateCost(
  missing: readonly TensorItem[],
  all: readonly TensorItem[],
  limits: RunLimits,
  workspace: (item: TensorItem) => number,
): CostEstimate {
  const sum = (of: (item: TensorItem) => number): number =>
    missing.reduce((total, item) => total + of(item), 0);
  const flops = sum(itemFlops);
  const bytesRead = sum(itemBytes);
  const sizes = missing.map(workspace).sort((a, b) => b - a);
  const together = sizes.slice(0, limits.threads).reduce((total, size) => total + size, 0);
  return {
    tensors: all.length,
    cached: all.length - missing.length,
    bytesRead,
    flops,
    millis:
      (1000 * (sum(itemSeconds) - bytesRead / BYTES_PER_SECOND)) / limits.threads +
      (1000 * bytesRead) / BYTES_PER_SECOND,
    largestTensorBytes: sizes[0] ?? 0,
    peakBytes: Math.min(limits.memoryBytes, together),
  };
}

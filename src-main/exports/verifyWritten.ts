import { openCheckpoint } from '../checkpoint/openCheckpoint.ts';
import { isComputable, type TensorInfo } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import { sameBytes } from '../tensors/sameBytes.ts';
import { tensorSource } from '../tensors/tensorSource.ts';
import type { TensorToWrite } from './tensorsToWrite.ts';

export type VerifyingKernels = Pick<Kernels, 'contentHash' | 'elementPass'>;

/** Of two sums over the same rounding errors in different order. */
const ROUNDING_TOLERANCE = 1e-6;

/** Whether two tensors hold the same bytes, by their hashes where the native core reads their type. */
export async function isSameContent(
  kernels: Pick<Kernels, 'contentHash'>,
  [a, b]: readonly [TensorInfo, TensorInfo],
  signal: AbortSignal,
): Promise<boolean> {
  if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join() || a.bytes !== b.bytes) return false;
  if (a.derived || b.derived || !isComputable(a) || !isComputable(b) || a.bytes === 0) return sameBytes(a, b);
  const [left, right] = await Promise.all(
    [a, b].map((tensor) => kernels.contentHash(tensorSource(tensor), { signal })),
  );
  return left === right;
}

/** Whether a converted tensor is as far from its source as the conversion said that rounding took it. */
async function isRounded(
  kernels: VerifyingKernels,
  [source, written]: readonly [TensorInfo, TensorInfo],
  { rounding, signal }: { rounding: number; signal: AbortSignal },
): Promise<boolean> {
  const request = { reference: tensorSource(source), variants: [tensorSource(written)] };
  const { pairs } = await kernels.elementPass(request, { signal });
  const distance = Math.sqrt(pairs[0]?.sumSqUpdate ?? NaN);
  return Math.abs(distance - rounding) <= ROUNDING_TOLERANCE * Math.max(distance, rounding);
}

export interface Verification {
  /** Norm of what rounding added to each converted tensor. */
  readonly roundings: ReadonlyMap<string, number>;
  readonly signal: AbortSignal;
  readonly onTensor: (tensor: TensorToWrite) => void;
}

/**
 * Opens a written folder like any checkpoint and compares every tensor with what it was written from.
 * Fails with `write-not-verified`, naming the tensor.
 */
export async function verifyWritten(
  folder: string,
  tensors: readonly TensorToWrite[],
  kernels: VerifyingKernels,
  { roundings, signal, onTensor }: Verification,
): Promise<void> {
  const written = new Map(openCheckpoint(folder).tensors.map((tensor) => [tensor.name, tensor]));
  const refuse = (why: string, name: string): PolarimeterError =>
    new PolarimeterError('write-not-verified', why, name);
  for (const tensor of tensors) {
    const { name, source, converted } = tensor;
    const copy = written.get(name);
    if (!copy) throw refuse('the tensor is not in the folder that was written', name);
    if (copy.dtype !== tensor.dtype || copy.shape.join() !== tensor.shape.join())
      throw refuse('the tensor was written in another type or shape', name);
    const isRight =
      converted === null
        ? await isSameContent(kernels, [source, copy], signal)
        : await isRounded(kernels, [source, copy], { rounding: roundings.get(name) ?? NaN, signal });
    if (!isRight) throw refuse('what was written does not equal what was read', name);
    onTensor(tensor);
  }
  if (written.size !== tensors.length) throw refuse('the folder holds further tensors', folder);
}

import { open } from 'node:fs/promises';
import type { DenseKernels } from '../../kernels/DenseMatrix.ts';
import { PolarimeterError } from '../../contract/errors.ts';
import { tensorSource } from '../../tensors/tensorSource.ts';
import type { GgufPlan, GgufTensor } from './planGguf.ts';

/** What of the kernels writes weights. */
export interface WeightWriter {
  readonly dense: Pick<DenseKernels, 'convert' | 'read' | 'add' | 'write' | 'fromValues'>;
}

export interface WritingOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** Writes one weight into a file that is there and long enough. Fails as reading and writing do, and with model-unsupported where numbers overflow. */
export async function writeGgufTensor(
  tensor: GgufTensor,
  path: string,
  { dense }: WeightWriter,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const destination = { path, offset: tensor.offset, dtype: tensor.dtype };
  const source = tensorSource(tensor.source);
  const job = options.signal ? { signal: options.signal } : {};
  const shifted = async () => {
    using matrix = await dense.read(source, job);
    const { rows, cols } = matrix;
    using ones = dense.fromValues(rows, cols, new Float64Array(rows * cols).fill(tensor.addend));
    await dense.add(matrix, 1, ones, job);
    return await dense.write(matrix, destination, job);
  };
  const { overflowed } =
    tensor.addend === 0 ? await dense.convert(source, destination, job) : await shifted();
  if (overflowed > 0) {
    const what = `${String(overflowed)} numbers of tensor ${tensor.source.name} are too large for ${tensor.dtype}`;
    throw new PolarimeterError('model-unsupported', what, tensor.source.name);
  }
}

/** Writes the converted model. The file is made or overwritten; a failure leaves an incomplete one. */
export async function writeGguf(
  plan: GgufPlan,
  path: string,
  kernels: WeightWriter,
  { signal, onProgress }: WritingOptions = {},
): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.truncate(plan.bytes);
    await file.write(plan.header, 0, plan.header.length, 0);
  } finally {
    await file.close();
  }
  let written = plan.header.length;
  onProgress?.(written);
  for (const tensor of plan.tensors) {
    await writeGgufTensor(tensor, path, kernels, { signal });
    written += tensor.bytes;
    onProgress?.(written);
  }
}

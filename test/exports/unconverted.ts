import type { DenseKernels } from '../../src-main/kernels/DenseMatrix.ts';

/** For checkpoints of stored tensors: nothing of them is ever converted. */
export const unconverted: Pick<DenseKernels, 'convert'> = {
  convert: () => Promise.reject(new Error('a stored tensor was converted')),
};

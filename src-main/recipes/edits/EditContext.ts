import type { DenseKernels, DenseMatrix } from '../../kernels/DenseMatrix.ts';
import type { JobOptions } from '../../kernels/runJob.ts';
import type { Step } from '../Step.ts';

/** What every edit works with. */
export interface EditContext {
  readonly dense: DenseKernels;
  readonly options: JobOptions;
  /** Name of the tensor, for errors. */
  readonly tensor: string;
}

export interface Shape {
  readonly rows: number;
  readonly cols: number;
}

/** An edit as algebra. */
export interface EditFormula {
  /** Changes the tensor as it is so far, in place. */
  apply(context: EditContext, tensor: DenseMatrix, step: Step): Promise<void>;
  /** Bytes that it holds at once, besides the tensor. */
  workspace(shape: Shape, step: Step, dense: DenseKernels): number;
}

/** Bytes of so many dense matrices. */
export const matrixBytes = ({ rows, cols }: Shape, count = 1): number => 8 * rows * cols * count;

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

/** A step of one kind of edit. */
export type StepOf<Kind extends Step['edit']['edit']> = Step & {
  readonly edit: Extract<Step['edit'], { readonly edit: Kind }>;
};

/** An edit as algebra. */
export interface EditFormula<Kind extends Step['edit']['edit']> {
  /** Changes the tensor as it is so far, in place. */
  apply(context: EditContext, tensor: DenseMatrix, step: StepOf<Kind>): Promise<void>;
  /** Bytes that it holds at once, besides the tensor. */
  workspace(shape: Shape, step: StepOf<Kind>, dense: DenseKernels): number;
}

/** Bytes of a dense matrix. */
export const matrixBytes = (rows: number, cols: number): number => 8 * rows * cols;

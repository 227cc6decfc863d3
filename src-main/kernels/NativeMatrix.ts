import { PolarimeterError } from '../contract/errors.ts';
import type { DenseMatrix } from './DenseMatrix.ts';
import type { DenseHandle, RawAddon } from './raw.ts';
import type { RawDenseMatrix } from './rawDense.ts';

/** A matrix that the addon holds. */
export class NativeMatrix implements DenseMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly #addon: RawAddon;
  readonly #handle: DenseHandle;
  #released = false;

  constructor(addon: RawAddon, { matrix, rows, cols }: RawDenseMatrix) {
    this.#addon = addon;
    this.#handle = matrix;
    this.rows = rows;
    this.cols = cols;
  }

  /** Fails with `invalid-argument` after its disposal. */
  get handle(): DenseHandle {
    if (this.#released) throw new PolarimeterError('invalid-argument', 'the matrix was disposed before');
    return this.#handle;
  }

  /** Frees the memory; jobs that use it already keep it until they end. */
  [Symbol.dispose](): void {
    if (this.#released) return;
    this.#released = true;
    this.#addon.release_dense(this.#handle);
  }
}

/** The handle of a matrix. Fails with `invalid-argument` after its disposal, and for one that is not of the native core. */
export function handleOf(matrix: DenseMatrix): DenseHandle {
  if (matrix instanceof NativeMatrix) return matrix.handle;
  throw new PolarimeterError('invalid-argument', 'the matrix is not one of the native core');
}

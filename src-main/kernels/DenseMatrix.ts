import type { TensorSource } from '../tensors/tensorSource.ts';
import type { PlainDtype } from '../contract/checkpoint.ts';
import type { JobOptions } from './runJob.ts';

/** A matrix of float64 in native memory. It counts against no budget by itself: whoever makes it reserves 8 rows cols bytes. */
export interface DenseMatrix extends Disposable {
  readonly rows: number;
  readonly cols: number;
}

/** Singular triplets in descending order: left is rows x k, right cols x k, both orthonormal to float64 rounding. Dispose it. */
export interface DenseSvd extends Disposable {
  readonly left: DenseMatrix;
  /** k values. */
  readonly sigma: Float64Array;
  readonly right: DenseMatrix;
  /** As Decomposition: max |W v - s u|, |W^T u - s v| over s_1. */
  readonly residual: number;
  readonly method: 'svd_gram_f64' | 'svd_direct_f64';
}

/** Which triplets of the d = min(rows, cols): the leading and the trailing ones, and a band; indices from 0, `to` exclusive. */
export interface Triplets {
  readonly from: number;
  readonly to: number;
}

/** Where and how a matrix is written: row by row, little-endian. */
export interface Destination {
  /** Absolute path of a file that is there. */
  readonly path: string;
  readonly offset: number;
  readonly dtype: PlainDtype;
}

/** What rounding to the stored dtype did, nearest even. What is too large becomes infinite; NaN in F8_E4M3, which has no infinity. */
export interface Written {
  readonly bytes: number;
  /** Frobenius norm of what rounding added; over the elements that stayed finite. */
  readonly rounding: number;
  /** Finite elements that became infinite, and elements that were not finite before. */
  readonly overflowed: number;
  readonly notFinite: number;
}

/**
 * Dense float64 algebra of the native core, on the pool, each operation a job that can be cancelled. Operations that return a matrix
 * make a new one; `add`, `scale…`, `set…` and `keepWhere` change their first argument, in part where they are cancelled; nothing else
 * may use it meanwhile. Only `fromValues`, `values` and `svdBytes` answer at once. Shapes are checked: fails `invalid-argument`.
 * All fail `out-of-memory`, `cancelled`; those with products `library-missing`.
 */
export interface DenseKernels {
  /** A tensor widened exactly. fails as reading tensors does */
  read(tensor: TensorSource, options?: JobOptions): Promise<DenseMatrix>;
  zeros(rows: number, cols: number, options?: JobOptions): Promise<DenseMatrix>;
  /** Independent standard normal entries from a counter-based stream: the same for the same seed on every machine. */
  normal(rows: number, cols: number, seed: bigint, options?: JobOptions): Promise<DenseMatrix>;
  /** Haar-distributed: the orthonormal factor of a normal matrix with positive diagonal. */
  haar(size: number, seed: bigint, options?: JobOptions): Promise<DenseMatrix>;
  /** Sylvester's, over sqrt(size), columns with random signs; size is a power of two. */
  hadamard(size: number, seed: bigint, options?: JobOptions): Promise<DenseMatrix>;
  fromValues(rows: number, cols: number, rowMajor: Float64Array): DenseMatrix;
  /** Row-major; for tests and small matrices. */
  values(a: DenseMatrix): Float64Array;
  copy(a: DenseMatrix, options?: JobOptions): Promise<DenseMatrix>;
  /** The rows [from, to). */
  rowRange(a: DenseMatrix, from: number, to: number, options?: JobOptions): Promise<DenseMatrix>;
  /** The columns [from, to). */
  columnRange(a: DenseMatrix, from: number, to: number, options?: JobOptions): Promise<DenseMatrix>;
  /** Overwrites the rows of `a` from `row` on, or its columns from `col` on, with those of `part`. */
  setRows(a: DenseMatrix, row: number, part: DenseMatrix, options?: JobOptions): Promise<void>;
  setColumns(a: DenseMatrix, col: number, part: DenseMatrix, options?: JobOptions): Promise<void>;
  /** op(A) op(B). */
  multiply(
    a: DenseMatrix,
    b: DenseMatrix,
    transposed: { readonly a?: boolean; readonly b?: boolean },
    options?: JobOptions,
  ): Promise<DenseMatrix>;
  /** A += factor B. */
  add(a: DenseMatrix, factor: number, b: DenseMatrix, options?: JobOptions): Promise<void>;
  /** A *= factor. */
  scale(a: DenseMatrix, factor: number, options?: JobOptions): Promise<void>;
  /** Column j *= factors[j]. */
  scaleColumns(a: DenseMatrix, factors: Float64Array, options?: JobOptions): Promise<void>;
  /** Frobenius norm, scaled against overflow. */
  norm(a: DenseMatrix, options?: JobOptions): Promise<number>;
  /** sum over all elements of A_ij B_ij. */
  dot(a: DenseMatrix, b: DenseMatrix, options?: JobOptions): Promise<number>;
  /** Singular triplets of A in the ranges, and all d values. fails not-finite no-convergence */
  svd(
    a: DenseMatrix,
    ranges: readonly Triplets[],
    options?: JobOptions,
  ): Promise<DenseSvd & { readonly all: Float64Array }>;
  /** Bytes of workspace of `svd` on top of its argument. */
  svdBytes(rows: number, cols: number, triplets: number): number;
  /** The nearest matrix with orthonormal columns (rows >= cols), Frobenius sense. */
  polar(a: DenseMatrix, options?: JobOptions): Promise<DenseMatrix>;
  /**
   * A_ij = B_ij where the mask does not select. `largest`/`smallest`: exactly round(share * size) entries of `by` by magnitude, ties by index;
   * `different`: where by and with differ after rounding to bfloat16; `random`: that share, from the seed. `complement` turns the
   * selection round, and `selected` counts it. fails not-finite where a magnitude is NaN
   */
  keepWhere(
    a: DenseMatrix,
    b: DenseMatrix,
    mask: DenseMask,
    options?: JobOptions,
  ): Promise<{ readonly selected: number }>;
  /** Into a file; the elements [row, …) of it by the order of the matrix. fails disk-full write-failed file-open */
  write(a: DenseMatrix, destination: Destination, options?: JobOptions): Promise<Written>;
  /**
   * A tensor as it is read, in another element type, without being held in memory. Bytes are copied where the types agree and it is
   * stored. fails as reading tensors does, disk-full write-failed file-open
   */
  convert(tensor: TensorSource, destination: Destination, options?: JobOptions): Promise<Written>;
}

export type DenseMask =
  | {
      readonly kind: 'largest' | 'smallest';
      readonly by: DenseMatrix;
      readonly share: number;
      readonly complement: boolean;
    }
  | {
      readonly kind: 'different';
      readonly by: DenseMatrix;
      readonly with: DenseMatrix;
      readonly complement: boolean;
    }
  | { readonly kind: 'random'; readonly seed: bigint; readonly share: number; readonly complement: boolean };

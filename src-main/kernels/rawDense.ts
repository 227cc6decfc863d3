/** Operations of the addon on matrices in native memory, under their C++ names; see dense.h. */
import type { PlainDtype } from '../contract/checkpoint.ts';
import type { DenseHandle, RawTensorView, Start } from './raw.ts';

export interface RawDenseMatrix {
  readonly matrix: DenseHandle;
  readonly rows: number;
  readonly cols: number;
}

export interface RawMakeRequest {
  readonly kind: 'zeros' | 'normal' | 'haar' | 'hadamard';
  readonly rows: number;
  readonly cols: number;
  readonly seed: bigint;
}

export interface RawBlockRequest {
  readonly a: DenseHandle;
  readonly row: number;
  readonly rows: number;
  readonly col: number;
  readonly cols: number;
}

export interface RawPlaceRequest {
  readonly a: DenseHandle;
  readonly row: number;
  readonly col: number;
  readonly part: DenseHandle;
}

export interface RawMultiplyRequest {
  readonly a: DenseHandle;
  readonly b: DenseHandle;
  readonly transposed_a: boolean;
  readonly transposed_b: boolean;
}

export interface RawDenseSvdRequest {
  readonly a: DenseHandle;
  /** at most 64 */
  readonly ranges: readonly { readonly from: number; readonly to: number }[];
}

export interface RawDenseSvd {
  readonly left: RawDenseMatrix;
  readonly right: RawDenseMatrix;
  readonly sigma: Float64Array;
  readonly all: Float64Array;
  readonly residual: number;
  readonly method: 'svd_gram_f64' | 'svd_direct_f64';
}

export type RawDenseMask =
  | {
      readonly kind: 'largest' | 'smallest';
      readonly by: DenseHandle;
      readonly share: number;
      readonly complement: boolean;
    }
  | {
      readonly kind: 'different';
      readonly by: DenseHandle;
      readonly with: DenseHandle;
      readonly complement: boolean;
    }
  | {
      readonly kind: 'random';
      readonly seed: bigint;
      readonly share: number;
      readonly complement: boolean;
    };

export interface RawDestination {
  readonly path: string;
  readonly offset: number;
  readonly dtype: PlainDtype;
}

export interface RawWritten {
  readonly bytes: number;
  readonly rounding: number;
  readonly overflowed: number;
  readonly not_finite: number;
}

export interface RawConvertRequest {
  readonly w: RawTensorView;
  /** of a stored tensor, so that bytes are copied where that is the type of the destination */
  readonly stored_as?: PlainDtype | undefined;
  readonly to: RawDestination;
}

type Pair = { readonly a: DenseHandle; readonly b: DenseHandle };

export interface RawDenseOperations {
  start_dense_read: Start<{ readonly w: RawTensorView }, RawDenseMatrix>;
  start_dense_make: Start<RawMakeRequest, RawDenseMatrix>;
  start_dense_block: Start<RawBlockRequest, RawDenseMatrix>;
  start_dense_place: Start<RawPlaceRequest, undefined>;
  start_dense_multiply: Start<RawMultiplyRequest, RawDenseMatrix>;
  start_dense_add: Start<Pair & { readonly factor: number }, undefined>;
  /** One factor, or one for each column. */
  start_dense_scale: Start<{ readonly a: DenseHandle; readonly factors: number | Float64Array }, undefined>;
  start_dense_norm: Start<{ readonly a: DenseHandle }, number>;
  start_dense_dot: Start<Pair, number>;
  start_dense_svd: Start<RawDenseSvdRequest, RawDenseSvd>;
  start_dense_polar: Start<{ readonly a: DenseHandle }, RawDenseMatrix>;
  /** How many entries were selected. */
  start_dense_keep_where: Start<Pair & { readonly mask: RawDenseMask }, number>;
  start_dense_write: Start<{ readonly a: DenseHandle; readonly to: RawDestination }, RawWritten>;
  start_dense_convert: Start<RawConvertRequest, RawWritten>;

  dense_from_values(request: {
    readonly rows: number;
    readonly cols: number;
    readonly values: Float64Array;
  }): RawDenseMatrix;
  dense_values(matrix: DenseHandle): Float64Array;
  dense_svd_bytes(request: {
    readonly rows: number;
    readonly cols: number;
    readonly triplets: number;
  }): number;
  /** Releasing twice is allowed. */
  release_dense(matrix: DenseHandle): void;
}

/** What the operations of Kernels are asked. */
import type { Reduction } from '../contract/stripes.ts';
import type { TensorSource } from '../tensors/tensorSource.ts';
import type { Decomposition } from './Decomposition.ts';
import type { RawIsa, SvdMethod } from './raw.ts';

export interface ElementPassRequest {
  readonly reference: TensorSource;
  /** 1 to 64, of the reference's shape; dtypes may differ. */
  readonly variants: readonly TensorSource[];
  /** At most 8, ascending. */
  readonly bf16Thresholds?: readonly number[] | undefined;
  /** Also count changes per row and per column. */
  readonly profiles?: boolean | undefined;
  /** Also count how the updates of 2 or more variants overlap. */
  readonly overlaps?: boolean | undefined;
  readonly isa?: RawIsa | undefined;
}

export interface SvdRequest {
  readonly method: SvdMethod;
  readonly tensor: TensorSource;
  /** Subtracted in float64: the decomposition is then of the update. */
  readonly minus?: TensorSource | undefined;
  /** Leading and trailing triplets whose vectors are wanted; together at most min(rows, cols). */
  readonly top: number;
  readonly bottom: number;
  /** Triplets from the middle of the spectrum whose vectors are wanted as well; they must not reach into the others. */
  readonly middle?: number | undefined;
}

export interface AnglesRequest {
  readonly a: Decomposition;
  readonly b: Decomposition;
  readonly side: 'left' | 'right';
  /** The k leading vectors of the top, the k trailing ones of the bottom, or all k of the middle. */
  readonly part: 'top' | 'middle' | 'bottom';
  readonly k: number;
}

export interface FrameRequest {
  /** Its k leading left and right vectors are the frame. */
  readonly frame: Decomposition;
  readonly k: number;
  readonly reference: TensorSource;
  readonly variant: TensorSource;
}

export interface MaskOverlapRequest {
  /** Of the reference; its k leading triplets make the principal part. */
  readonly frame: Decomposition;
  readonly k: number;
  readonly reference: TensorSource;
  readonly variant: TensorSource;
  /** Share of the entries that a mask selects, 0 to 1. */
  readonly share: number;
  /** Of the permutation of the null. */
  readonly seed: number;
}

export interface ChangeTileRequest {
  readonly reference: TensorSource;
  /** Of the reference's shape: one, for consensus 1 to 64. */
  readonly variants: readonly TensorSource[];
  readonly reduce: Reduction;
  /** A pixel covers 2^level x 2^level weights. */
  readonly level: number;
  /** First weight of the region, and how many of them; at most 2^20 pixels. */
  readonly row: number;
  readonly col: number;
  readonly rows: number;
  readonly cols: number;
  readonly isa?: RawIsa | undefined;
}

export interface StepHistogramRequest {
  readonly reference: TensorSource;
  readonly variant: TensorSource;
  readonly isa?: RawIsa | undefined;
}

export interface WeightsAtRequest {
  readonly reference: TensorSource;
  /** 1 to 64, of the reference's shape. */
  readonly variants: readonly TensorSource[];
  readonly row: number;
  readonly col: number;
}

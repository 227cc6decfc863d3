import type { RawIsa, RawTensorView, Start } from './raw.ts';

/** Operations of the addon that show what changed in one matrix, under their C++ names. */
export interface RawChangeTileRequest {
  readonly reference: RawTensorView;
  /** of the reference's shape: 1, for consensus 1 to 64 */
  readonly variants: readonly RawTensorView[];
  readonly reduce: 'steps' | 'density' | 'direction' | 'consensus';
  /** a pixel covers 2^level x 2^level weights, 0 to 24 */
  readonly level: number;
  /** first weight of the region */
  readonly row: number;
  readonly col: number;
  /** weights of the region; at most 2^20 pixels */
  readonly rows: number;
  readonly cols: number;
  /** the best that there is when left out */
  readonly isa?: RawIsa | undefined;
}

export interface RawChangeTile {
  /** pixels */
  readonly rows: number;
  readonly cols: number;
  /** (rows, cols) row-major; signed reductions in two's complement */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** of the elements that were read */
  readonly bytes: number;
}

export interface RawStepHistogramRequest {
  readonly reference: RawTensorView;
  readonly variant: RawTensorView;
  readonly isa?: RawIsa | undefined;
}

export interface RawStepHistogram {
  /** (256, 11) by biased exponent of the reference; the first bin is unchanged */
  readonly up: readonly (readonly number[])[];
  /** (256, 11); the first bin is 0 */
  readonly down: readonly (readonly number[])[];
  readonly invalid: number;
}

export interface RawWeightsAtRequest {
  readonly reference: RawTensorView;
  /** 1 to 64 */
  readonly variants: readonly RawTensorView[];
  readonly row: number;
  readonly col: number;
}

export interface RawWeightsAt {
  readonly reference: number;
  readonly variants: Float64Array;
  /** null where a side is not finite, or rounds to an infinite bf16 */
  readonly steps: readonly (number | null)[];
}

export interface RawChangeOperations {
  start_change_tile: Start<RawChangeTileRequest, RawChangeTile>;
  start_step_histogram: Start<RawStepHistogramRequest, RawStepHistogram>;
  start_weights_at: Start<RawWeightsAtRequest, RawWeightsAt>;
}

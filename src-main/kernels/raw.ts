import type { PlainDtype, QuantizedDtype } from '../contract/checkpoint.ts';
import type { RawChangeOperations } from './rawChanges.ts';
import type { RawDenseOperations } from './rawDense.ts';

/**
 * The addon as it is, under its C++ names. `native/src/addon` implements it; nothing outside this folder uses it.
 * Arguments are checked: a wrong one throws a TypeError with code "invalid-argument". Handles are tagged: one of another kind, or one
 * that was closed or released, throws as well. What a handle stands for lives until the last job that uses it has returned.
 */
declare const kind: unique symbol;

/** An open file; of open_file. */
export interface FileHandle {
  readonly [kind]: 'file';
}

/** A running or ended job; of any start_ function. */
export interface JobHandle {
  readonly [kind]: 'job';
}

/** A decomposition whose bases stay native; of start_svd. */
export interface SvdHandle {
  readonly [kind]: 'svd';
}

/** A matrix of float64 in native memory; of start_dense_ functions. */
export interface DenseHandle {
  readonly [kind]: 'dense';
}

export type RawAccess = 'auto' | 'map' | 'read';
export type RawIsa = 'scalar' | 'avx2' | 'avx512';
export type SvdMethod = 'gram_f64' | 'direct_f64';

/** rows x cols elements, row-major, little-endian, from byte `offset`; of the Q types, blocks of neighbours in a row. */
export interface RawStoredView {
  readonly file: FileHandle;
  readonly offset: number | bigint;
  readonly dtype: PlainDtype | QuantizedDtype;
  readonly rows: number;
  readonly cols: number;
}

/** Made of other views while it is read, in a shape with as many elements. At most 8 derivations on top of each other. */
export interface RawDerivedView {
  readonly derived: RawDerivation;
  readonly rows: number;
  readonly cols: number;
}

export type RawTensorView = RawStoredView | RawDerivedView;

export type RawDerivation =
  /** Element (i, j) times element (i / block[0], j / block[1]) of scale. */
  | {
      readonly kind: 'scaled';
      readonly of: RawTensorView;
      readonly scale: RawTensorView;
      readonly block: readonly [number, number];
    }
  /** base + factor * up * down, the product transposed where `transposed`. */
  | {
      readonly kind: 'low-rank';
      readonly base: RawTensorView;
      readonly up: RawTensorView;
      readonly down: RawTensorView;
      readonly factor: number;
      readonly transposed: boolean;
    }
  /** Element (i, j) is element start + rows(i) + cols(j). */
  | {
      readonly kind: 'strided';
      readonly of: RawTensorView;
      readonly start: number;
      readonly rows: RawStridedAxis;
      readonly cols: RawStridedAxis;
    };

/** Digits of an index in the mixed radix `sizes`, last fastest, each times its stride; at most 16. */
export interface RawStridedAxis {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
}

export interface RawContentHash {
  readonly low: bigint;
  readonly high: bigint;
}

export interface RawByteSum {
  readonly sum: bigint;
  readonly bytes: number;
  readonly seconds: number;
}

export interface RawElementPassRequest {
  readonly reference: RawTensorView;
  /** 1 to 64 */
  readonly variants: readonly RawTensorView[];
  /** at most 8, ascending; rounded to float32 */
  readonly bf16_thresholds: readonly number[];
  readonly profiles: boolean;
  /** off when left out; needs 2 variants or more */
  readonly overlaps?: boolean | undefined;
  /** the best that there is when left out */
  readonly isa?: RawIsa | undefined;
}

export interface RawPairElements {
  readonly n: number;
  readonly invalid: number;
  readonly unchanged_bf16: number;
  readonly unchanged_native: number;
  readonly within: number[];
  readonly sum_sq_reference: number;
  readonly sum_sq_variant: number;
  readonly sum_sq_update: number;
  readonly dot_reference_update: number;
  readonly max_abs_update: number;
  readonly sum_sq_ulp: number;
  readonly steps: number[];
  readonly row_changed: Uint32Array;
  readonly col_changed: Uint32Array;
}

export interface RawElementPassResult {
  readonly pairs: RawPairElements[];
  /** (N, N) row-major */
  readonly update_dots: Float64Array;
  /** (N, N) row-major; empty without overlaps, as is consensus */
  readonly overlaps: Float64Array;
  /** (N + 1) */
  readonly consensus: number[];
  readonly valid_all: number;
  readonly bytes: number;
  readonly seconds: number;
  /** the implementation that ran */
  readonly isa: RawIsa;
}

export interface RawSvdRequest {
  readonly method: SvdMethod;
  readonly w: RawTensorView;
  /** subtracted from w in float64 */
  readonly minus?: RawTensorView | undefined;
  readonly top: number;
  readonly bottom: number;
  /** none when left out */
  readonly middle?: number | undefined;
}

export interface RawSvdSummary {
  readonly m: number;
  readonly n: number;
  readonly top: number;
  readonly bottom: number;
  readonly middle: number;
  readonly sigma: Float64Array;
  readonly residual: number;
  readonly orthogonality: number;
  readonly trace_error: number;
  readonly sigma_floor: number;
  readonly seconds: number;
  /** held outside the JavaScript heap until release_svd or garbage collection */
  readonly bytes: number;
}

export interface RawSvdResult {
  readonly svd: SvdHandle;
  readonly summary: RawSvdSummary;
}

/** The k leading columns of a top basis, the k trailing columns of a bottom basis, or all k columns of a middle basis. */
export interface RawBasisChoice {
  readonly svd: SvdHandle;
  readonly side: 'left' | 'right';
  readonly part: 'top' | 'middle' | 'bottom';
  readonly k: number;
}

export interface RawAnglesRequest {
  readonly a: RawBasisChoice;
  readonly b: RawBasisChoice;
}

export interface RawFrameRequest {
  /** its k leading left and right vectors are the frame */
  readonly svd: SvdHandle;
  readonly k: number;
  readonly reference: RawTensorView;
  readonly variant: RawTensorView;
}

export interface RawFrameEnergy {
  readonly total: number;
  readonly two_sided: number;
  readonly diagonal: number;
  readonly left: number;
  readonly right: number;
  /** (k) */
  readonly diagonal_values: Float64Array;
}

export interface RawMaskOverlapSize {
  readonly reference: RawTensorView;
  readonly k: number;
}

export interface RawMaskOverlapRequest extends RawMaskOverlapSize {
  /** of the reference, with at least k leading triplets */
  readonly svd: SvdHandle;
  readonly variant: RawTensorView;
  /** 0 to 1 */
  readonly share: number;
  readonly seed: number;
}

export interface RawMaskCounts {
  readonly size: number;
  readonly overlap: number;
  readonly null_overlap: number;
  readonly exponents: number[];
}

export interface RawMaskOverlap {
  readonly n: number;
  readonly update: number;
  readonly null_update: number;
  readonly exponents: number[];
  readonly principal: RawMaskCounts;
  readonly low: RawMaskCounts;
  readonly principal_not_low: RawMaskCounts;
}

export interface RawCapabilities {
  readonly threads: number;
  readonly isa: RawIsa;
  readonly isas: RawIsa[];
  readonly blas: { path: string; config: string; core: string } | { code: string; message: string };
}

/** How a job ended. on_end receives exactly one of these, exactly once, never before start_ has returned. */
export type JobEnd<Result> =
  | { readonly status: 'ok'; readonly result: Result }
  | { readonly status: 'error'; readonly code: string; readonly message: string }
  | { readonly status: 'cancelled' };

/** Starts a job; depends on no `this`. */
export type Start<Request, Result> = (request: Request, on_end: (end: JobEnd<Result>) => void) => JobHandle;

export interface RawAddon extends RawChangeOperations, RawDenseOperations {
  /** Threads of the one pool of the process. Throws while jobs run, unless the number stays the same. */
  configure(threads: number): void;
  capabilities(): RawCapabilities;
  /** Jobs of the process whose work has not returned, cancelled ones included. */
  active_jobs(): number;

  open_file(path: string, access: RawAccess): FileHandle;
  file_info(file: FileHandle): { path: string; size: number; access: 'map' | 'read' };
  /** Closing twice is allowed. */
  close_file(file: FileHandle): void;

  start_content_hash: Start<{ readonly w: RawTensorView }, RawContentHash>;
  start_byte_sum: Start<{ readonly views: readonly RawTensorView[] }, RawByteSum>;
  /** 256 counts by biased exponent. */
  start_exponent_histogram: Start<{ readonly w: RawTensorView }, number[]>;
  start_element_pass: Start<RawElementPassRequest, RawElementPassResult>;
  start_svd: Start<RawSvdRequest, RawSvdResult>;
  /** Angles in radians, ascending. */
  start_principal_angles: Start<RawAnglesRequest, Float64Array>;
  start_frame_energy: Start<RawFrameRequest, RawFrameEnergy>;
  start_mask_overlap: Start<RawMaskOverlapRequest, RawMaskOverlap>;

  /** Bytes of workspace that start_svd will allocate for this request, results included. */
  svd_bytes(request: RawSvdRequest): number;
  /** Bytes of workspace that start_mask_overlap will allocate. */
  mask_overlap_bytes(request: RawMaskOverlapSize): number;
  /** Releasing twice is allowed. */
  release_svd(svd: SvdHandle): void;

  /** Units are the operation's own; total is 0 while it is unknown. */
  job_progress(job: JobHandle): { done: number; total: number };
  /** Ends the job as cancelled; on_end follows at once. Returns false when it had ended before. */
  cancel_job(job: JobHandle): boolean;
}

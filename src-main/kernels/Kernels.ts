import { setTimeout as delay } from 'node:timers/promises';
import { must } from '../base/assert.ts';
import { sourceFiles, type TensorSource } from '../tensors/tensorSource.ts';
import { TensorStore } from '../tensors/TensorStore.ts';
import type { FileLease } from '../tensors/TensorStore.ts';
import { Decomposition } from './Decomposition.ts';
import type { DenseKernels } from './DenseMatrix.ts';
import { NativeDenseKernels } from './NativeDenseKernels.ts';
import { elementPassResult } from './elementPassResult.ts';
import type { ElementPassResult } from './elementPassResult.ts';
import { loadAddon } from './loadAddon.ts';
import { maskOverlapResult } from './maskOverlapResult.ts';
import type { MaskOverlap } from './maskOverlapResult.ts';
import { callNative } from './nativeError.ts';
import { nativeFileOpener } from './nativeFileOpener.ts';
import type {
  FileHandle,
  RawAccess,
  RawAddon,
  RawCapabilities,
  RawSvdRequest,
  RawSvdResult,
  RawTensorView,
} from './raw.ts';
import type { RawChangeTile, RawStepHistogram, RawWeightsAt } from './rawChanges.ts';
import { rawView } from './rawView.ts';
import type {
  AnglesRequest,
  ChangeTileRequest,
  ElementPassRequest,
  FrameRequest,
  MaskOverlapRequest,
  StepHistogramRequest,
  SvdRequest,
  WeightsAtRequest,
} from './requests.ts';
import { runJob } from './runJob.ts';
import type { JobOptions } from './runJob.ts';

export interface KernelsOptions {
  readonly addon?: RawAddon | undefined;
  /** Threads of the pool, which all Kernels of the process share; as many as the processor has when left out. */
  readonly threads?: number | undefined;
  readonly access?: RawAccess | undefined;
}

/** Squared Frobenius norms of an update and of its parts in a frame U, V. */
export interface FrameEnergy {
  readonly total: number;
  /** |U^T dW V|^2 */
  readonly twoSided: number;
  /** The part of it on the diagonal, which moves singular values. */
  readonly diagonal: number;
  /** |U^T dW|^2 */
  readonly left: number;
  /** |dW V|^2 */
  readonly right: number;
  /** u_i^T dW v_i: with singular values rescaled by 1 + value / sigma_i the reference comes closest to the variant. */
  readonly diagonalValues: Float64Array;
}

export interface ByteSum {
  /** Wrapping sum of 64-bit little-endian words. */
  readonly sum: bigint;
  readonly bytes: number;
  readonly seconds: number;
}

/** Raw views of tensors whose files stay open until it is disposed. */
export type Views = { readonly view: (tensor: TensorSource) => RawTensorView } & Disposable;

const IDLE_POLL_MILLIS = 5;

/**
 * The native operations as promises. Each takes an AbortSignal and ends in a result, an error of the closed list, or `cancelled`.
 * Files are opened as long as an operation needs them; leases on `files` keep them open, and in one state, over a whole run.
 */
export class Kernels implements Disposable {
  readonly files: TensorStore<FileHandle>;
  /** Algebra of matrices in native memory. */
  readonly dense: DenseKernels;
  readonly #addon: RawAddon;

  /** Fails with `engine-missing`, or with `invalid-argument` when the pool is busy with another number of threads. */
  constructor({ addon = loadAddon(), threads, access = 'auto' }: KernelsOptions = {}) {
    this.#addon = addon;
    this.files = new TensorStore(nativeFileOpener(addon, access));
    this.dense = new NativeDenseKernels(addon, (tensors) => this.#views(tensors));
    if (threads !== undefined) this.configure(threads);
  }

  /** Sets the number of threads of the pool. Fails with `invalid-argument` while jobs run. */
  configure(threads: number): void {
    callNative('threads', () => {
      this.#addon.configure(threads);
    });
  }

  capabilities(): RawCapabilities {
    return this.#addon.capabilities();
  }

  /** Jobs of the process whose work has not returned. A cancelled one counts, and holds its memory, until its step ends. */
  get activeJobs(): number {
    return this.#addon.active_jobs();
  }

  /** Resolves when no job of the process is active. */
  async whenIdle(): Promise<void> {
    while (this.activeJobs > 0) await delay(IDLE_POLL_MILLIS);
  }

  /** XXH3-128 based identity of a stored tensor's bytes, as 32 hexadecimal digits; `invalid-argument` for a derived one. */
  async contentHash(tensor: TensorSource, options?: JobOptions): Promise<string> {
    using views = this.#views([tensor]);
    const job = {
      start: this.#addon.start_content_hash,
      request: { w: views.view(tensor) },
      where: tensor.name,
    };
    const hash = await runJob(this.#addon, job, options);
    return [hash.high, hash.low].map((half) => half.toString(16).padStart(16, '0')).join('');
  }

  /** Reads tensors as element passes do and merely sums their bytes: the ceiling of what a pass can reach. */
  async byteSum(tensors: readonly TensorSource[], options?: JobOptions): Promise<ByteSum> {
    using views = this.#views(tensors);
    const request = { views: tensors.map(views.view) };
    const where = tensors.map(({ name }) => name).join(', ');
    return await runJob(this.#addon, { start: this.#addon.start_byte_sum, request, where }, options);
  }

  /** How many weights have which exponent after rounding to bfloat16: 256 counts, 0 is zero and subnormal, 255 NaN and infinity. */
  async exponentHistogram(tensor: TensorSource, options?: JobOptions): Promise<readonly number[]> {
    using views = this.#views([tensor]);
    const job = {
      start: this.#addon.start_exponent_histogram,
      request: { w: views.view(tensor) },
      where: tensor.name,
    };
    return await runJob(this.#addon, job, options);
  }

  /** Everything that one reading of a reference and its variants can tell, element by element. */
  async elementPass(request: ElementPassRequest, options?: JobOptions): Promise<ElementPassResult> {
    const { reference, variants, bf16Thresholds = [], profiles = false, overlaps, isa } = request;
    using views = this.#views([reference, ...variants]);
    const raw = {
      reference: views.view(reference),
      variants: variants.map(views.view),
      bf16_thresholds: bf16Thresholds,
      profiles,
      overlaps,
      isa,
    };
    const job = { start: this.#addon.start_element_pass, request: raw, where: reference.name };
    return elementPassResult(await runJob(this.#addon, job, options));
  }

  /** A region of a matrix as a picture of what changed in it: one byte per pixel, as contract/stripes.ts says. */
  async changeTile(request: ChangeTileRequest, options?: JobOptions): Promise<RawChangeTile> {
    const { reference, variants, ...rest } = request;
    using views = this.#views([reference, ...variants]);
    const raw = { ...rest, reference: views.view(reference), variants: variants.map(views.view) };
    const job = { start: this.#addon.start_change_tile, request: raw, where: reference.name };
    return await runJob(this.#addon, job, options);
  }

  /** How many weights of which magnitude moved up and down, by how many bf16 steps. */
  async stepHistogram(request: StepHistogramRequest, options?: JobOptions): Promise<RawStepHistogram> {
    const { reference, variant, isa } = request;
    using views = this.#views([reference, variant]);
    const raw = { reference: views.view(reference), variant: views.view(variant), isa };
    const job = { start: this.#addon.start_step_histogram, request: raw, where: reference.name };
    return await runJob(this.#addon, job, options);
  }

  /** One weight on all sides, as it is stored, and how many bf16 steps lie between them. */
  async weightsAt(request: WeightsAtRequest, options?: JobOptions): Promise<RawWeightsAt> {
    const { reference, variants, row, col } = request;
    using views = this.#views([reference, ...variants]);
    const raw = { reference: views.view(reference), variants: variants.map(views.view), row, col };
    const job = { start: this.#addon.start_weights_at, request: raw, where: reference.name };
    return await runJob(this.#addon, job, options);
  }

  /** All singular values, and native bases of the leading and trailing vectors. Dispose the result. */
  async svd(request: SvdRequest, options?: JobOptions): Promise<Decomposition> {
    using views = this.#views(tensorsOf(request));
    const discard = ({ svd }: RawSvdResult) => {
      this.#addon.release_svd(svd);
    };
    const job = {
      start: this.#addon.start_svd,
      request: rawSvd(request, views),
      where: request.tensor.name,
      discard,
    };
    const result = await runJob(this.#addon, job, options);
    return new Decomposition(this.#addon, result, request.method);
  }

  /** Bytes of workspace that `svd` will take for this request, results included. */
  svdBytes(request: SvdRequest): number {
    using views = this.#views(tensorsOf(request));
    return callNative(request.tensor.name, () => this.#addon.svd_bytes(rawSvd(request, views)));
  }

  /** Principal angles between the chosen subspaces of two decompositions, in radians, ascending. */
  async principalAngles(request: AnglesRequest, options?: JobOptions): Promise<Float64Array> {
    const { side, part, k } = request;
    const a = { svd: request.a.handle, side, part, k };
    const b = { svd: request.b.handle, side, part, k };
    const job = {
      start: this.#addon.start_principal_angles,
      request: { a, b },
      where: `${side} ${part} vectors`,
    };
    return await runJob(this.#addon, job, options);
  }

  /** Energy of an update in the frame of the k leading singular vectors of a decomposition. */
  async frameEnergy(request: FrameRequest, options?: JobOptions): Promise<FrameEnergy> {
    const { frame, k, reference, variant } = request;
    using views = this.#views([reference, variant]);
    const raw = { svd: frame.handle, k, reference: views.view(reference), variant: views.view(variant) };
    const job = { start: this.#addon.start_frame_energy, request: raw, where: variant.name };
    const energy = await runJob(this.#addon, job, options);
    const { total, two_sided: twoSided, diagonal, left, right, diagonal_values: diagonalValues } = energy;
    return { total, twoSided, diagonal, left, right, diagonalValues };
  }

  /** How the entries that an update changed lie to the principal and to the small weights of the reference. */
  async maskOverlap(request: MaskOverlapRequest, options?: JobOptions): Promise<MaskOverlap> {
    const { frame, k, reference, variant, share, seed } = request;
    using views = this.#views([reference, variant]);
    const tensors = { reference: views.view(reference), variant: views.view(variant) };
    const raw = { svd: frame.handle, k, share, seed, ...tensors };
    const job = { start: this.#addon.start_mask_overlap, request: raw, where: variant.name };
    return maskOverlapResult(await runJob(this.#addon, job, options));
  }

  /** Bytes of workspace that `maskOverlap` will take for this reference. */
  maskOverlapBytes({ reference, k }: Pick<MaskOverlapRequest, 'reference' | 'k'>): number {
    using views = this.#views([reference]);
    const raw = { reference: views.view(reference), k };
    return callNative(reference.name, () => this.#addon.mask_overlap_bytes(raw));
  }

  /** Closes the files. Jobs that still run keep theirs until they end. */
  [Symbol.dispose](): void {
    this.files[Symbol.dispose]();
  }

  #views(tensors: readonly TensorSource[]): Views {
    using stack = new DisposableStack();
    const leases = new Map<string, FileLease<FileHandle>>();
    for (const path of tensors.flatMap(sourceFiles)) {
      if (!leases.has(path)) leases.set(path, stack.use(this.files.acquire(path)));
    }
    const handleOf = (path: string) => must(leases.get(path), `no lease on ${path}`).handle;
    const view = (tensor: TensorSource): RawTensorView => rawView(tensor, handleOf);
    const held = stack.move();
    return { view, [Symbol.dispose]: () => held.dispose() };
  }
}

function tensorsOf({ tensor, minus }: SvdRequest): TensorSource[] {
  return minus ? [tensor, minus] : [tensor];
}

function rawSvd(request: SvdRequest, views: Views): RawSvdRequest {
  const { method, tensor, minus, top, bottom, middle } = request;
  return { method, w: views.view(tensor), minus: minus && views.view(minus), top, bottom, middle };
}

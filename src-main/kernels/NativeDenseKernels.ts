import type { PlainDtype } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { TensorSource } from '../tensors/tensorSource.ts';
import type {
  DenseKernels,
  DenseMask,
  DenseMatrix,
  DenseSvd,
  Destination,
  Triplets,
  Written,
} from './DenseMatrix.ts';
import type { Views } from './Kernels.ts';
import { callNative } from './nativeError.ts';
import { handleOf, NativeMatrix } from './NativeMatrix.ts';
import type { RawAddon } from './raw.ts';
import type {
  RawBlockRequest,
  RawDenseMask,
  RawDenseMatrix,
  RawDenseSvd,
  RawMakeRequest,
} from './rawDense.ts';
import type { RawWritten } from './rawDense.ts';
import { runJob } from './runJob.ts';
import type { Job, JobOptions } from './runJob.ts';

type Rectangle = Omit<RawBlockRequest, 'a'>;
type MatrixJob<Request> = Pick<Job<Request, RawDenseMatrix>, 'start' | 'request' | 'where'>;

/** DenseKernels over the addon. */
export class NativeDenseKernels implements DenseKernels {
  readonly #addon: RawAddon;
  readonly #views: (tensors: readonly TensorSource[]) => Views;

  /** @param views raw views of tensors, whose files stay open until it is disposed */
  constructor(addon: RawAddon, views: (tensors: readonly TensorSource[]) => Views) {
    this.#addon = addon;
    this.#views = views;
  }

  async read(tensor: TensorSource, options?: JobOptions): Promise<DenseMatrix> {
    using views = this.#views([tensor]);
    const request = { w: views.view(tensor) };
    return await this.#matrix({ start: this.#addon.start_dense_read, request, where: tensor.name }, options);
  }

  async zeros(rows: number, cols: number, options?: JobOptions): Promise<DenseMatrix> {
    return await this.#make({ kind: 'zeros', rows, cols, seed: 0n }, options);
  }

  async normal(rows: number, cols: number, seed: bigint, options?: JobOptions): Promise<DenseMatrix> {
    return await this.#make({ kind: 'normal', rows, cols, seed }, options);
  }

  async haar(size: number, seed: bigint, options?: JobOptions): Promise<DenseMatrix> {
    return await this.#make({ kind: 'haar', rows: size, cols: size, seed }, options);
  }

  async hadamard(size: number, seed: bigint, options?: JobOptions): Promise<DenseMatrix> {
    return await this.#make({ kind: 'hadamard', rows: size, cols: size, seed }, options);
  }

  fromValues(rows: number, cols: number, rowMajor: Float64Array): DenseMatrix {
    const request = { rows, cols, values: rowMajor };
    const made = callNative(shapeText({ rows, cols }), () => this.#addon.dense_from_values(request));
    return new NativeMatrix(this.#addon, made);
  }

  values(a: DenseMatrix): Float64Array {
    return callNative(shapeText(a), () => this.#addon.dense_values(handleOf(a)));
  }

  async copy(a: DenseMatrix, options?: JobOptions): Promise<DenseMatrix> {
    return await this.#block(a, { row: 0, rows: a.rows, col: 0, cols: a.cols }, options);
  }

  async rowRange(a: DenseMatrix, from: number, to: number, options?: JobOptions): Promise<DenseMatrix> {
    return await this.#block(a, { row: from, rows: to - from, col: 0, cols: a.cols }, options);
  }

  async columnRange(a: DenseMatrix, from: number, to: number, options?: JobOptions): Promise<DenseMatrix> {
    return await this.#block(a, { row: 0, rows: a.rows, col: from, cols: to - from }, options);
  }

  async setRows(a: DenseMatrix, row: number, part: DenseMatrix, options?: JobOptions): Promise<void> {
    mustMatch(
      part.cols,
      a.cols,
      `the rows of a matrix of ${shapeText(a)} cannot be those of ${shapeText(part)}`,
    );
    await this.#place({ a, row, col: 0, part }, options);
  }

  async setColumns(a: DenseMatrix, col: number, part: DenseMatrix, options?: JobOptions): Promise<void> {
    mustMatch(
      part.rows,
      a.rows,
      `the columns of a matrix of ${shapeText(a)} cannot be those of ${shapeText(part)}`,
    );
    await this.#place({ a, row: 0, col, part }, options);
  }

  async multiply(
    a: DenseMatrix,
    b: DenseMatrix,
    transposed: { readonly a?: boolean; readonly b?: boolean },
    options?: JobOptions,
  ): Promise<DenseMatrix> {
    const { a: transposed_a = false, b: transposed_b = false } = transposed;
    const request = { a: handleOf(a), b: handleOf(b), transposed_a, transposed_b };
    const where = `${shapeText(a)} times ${shapeText(b)}`;
    return await this.#matrix({ start: this.#addon.start_dense_multiply, request, where }, options);
  }

  async add(a: DenseMatrix, factor: number, b: DenseMatrix, options?: JobOptions): Promise<void> {
    const request = { a: handleOf(a), factor, b: handleOf(b) };
    await this.#run({ start: this.#addon.start_dense_add, request, where: shapeText(a) }, options);
  }

  async scale(a: DenseMatrix, factor: number, options?: JobOptions): Promise<void> {
    await this.#scale(a, factor, options);
  }

  async scaleColumns(a: DenseMatrix, factors: Float64Array, options?: JobOptions): Promise<void> {
    mustMatch(factors.length, a.cols, `${String(factors.length)} factors for the columns of ${shapeText(a)}`);
    await this.#scale(a, factors, options);
  }

  async norm(a: DenseMatrix, options?: JobOptions): Promise<number> {
    const request = { a: handleOf(a) };
    return await this.#run({ start: this.#addon.start_dense_norm, request, where: shapeText(a) }, options);
  }

  async dot(a: DenseMatrix, b: DenseMatrix, options?: JobOptions): Promise<number> {
    const request = { a: handleOf(a), b: handleOf(b) };
    return await this.#run({ start: this.#addon.start_dense_dot, request, where: shapeText(a) }, options);
  }

  async svd(
    a: DenseMatrix,
    ranges: readonly Triplets[],
    options?: JobOptions,
  ): Promise<DenseSvd & { readonly all: Float64Array }> {
    const discard = ({ left, right }: RawDenseSvd) => {
      for (const { matrix } of [left, right]) this.#addon.release_dense(matrix);
    };
    const request = { a: handleOf(a), ranges };
    const job = { start: this.#addon.start_dense_svd, request, where: shapeText(a), discard };
    const raw = await this.#run(job, options);
    const left = new NativeMatrix(this.#addon, raw.left);
    const right = new NativeMatrix(this.#addon, raw.right);
    const { sigma, all, residual, method } = raw;
    return {
      left,
      right,
      sigma,
      all,
      residual,
      method,
      [Symbol.dispose]: () => {
        left[Symbol.dispose]();
        right[Symbol.dispose]();
      },
    };
  }

  svdBytes(rows: number, cols: number, triplets: number): number {
    const request = { rows, cols, triplets };
    return callNative(shapeText(request), () => this.#addon.dense_svd_bytes(request));
  }

  async polar(a: DenseMatrix, options?: JobOptions): Promise<DenseMatrix> {
    const request = { a: handleOf(a) };
    return await this.#matrix(
      { start: this.#addon.start_dense_polar, request, where: shapeText(a) },
      options,
    );
  }

  async keepWhere(
    a: DenseMatrix,
    b: DenseMatrix,
    mask: DenseMask,
    options?: JobOptions,
  ): Promise<{ readonly selected: number }> {
    const request = { a: handleOf(a), b: handleOf(b), mask: rawMask(mask) };
    const job = { start: this.#addon.start_dense_keep_where, request, where: shapeText(a) };
    return { selected: await this.#run(job, options) };
  }

  async write(a: DenseMatrix, destination: Destination, options?: JobOptions): Promise<Written> {
    const request = { a: handleOf(a), to: destination };
    const job = { start: this.#addon.start_dense_write, request, where: destination.path };
    return written(await this.#run(job, options));
  }

  async convert(tensor: TensorSource, destination: Destination, options?: JobOptions): Promise<Written> {
    using views = this.#views([tensor]);
    const request = { w: views.view(tensor), stored_as: storedType(tensor), to: destination };
    const job = { start: this.#addon.start_dense_convert, request, where: tensor.name };
    return written(await this.#run(job, options));
  }

  async #make(request: RawMakeRequest, options?: JobOptions): Promise<DenseMatrix> {
    const where = shapeText(request);
    return await this.#matrix({ start: this.#addon.start_dense_make, request, where }, options);
  }

  async #block(a: DenseMatrix, rectangle: Rectangle, options?: JobOptions): Promise<DenseMatrix> {
    const request = { a: handleOf(a), ...rectangle };
    return await this.#matrix(
      { start: this.#addon.start_dense_block, request, where: shapeText(a) },
      options,
    );
  }

  async #place(
    { a, row, col, part }: { a: DenseMatrix; row: number; col: number; part: DenseMatrix },
    options?: JobOptions,
  ): Promise<void> {
    const request = { a: handleOf(a), row, col, part: handleOf(part) };
    await this.#run({ start: this.#addon.start_dense_place, request, where: shapeText(a) }, options);
  }

  async #scale(a: DenseMatrix, factors: number | Float64Array, options?: JobOptions): Promise<void> {
    const request = { a: handleOf(a), factors };
    await this.#run({ start: this.#addon.start_dense_scale, request, where: shapeText(a) }, options);
  }

  /** A job that makes a matrix. */
  async #matrix<Request>(job: MatrixJob<Request>, options?: JobOptions): Promise<DenseMatrix> {
    const discard = ({ matrix }: RawDenseMatrix) => {
      this.#addon.release_dense(matrix);
    };
    return new NativeMatrix(this.#addon, await this.#run({ ...job, discard }, options));
  }

  async #run<Request, Result>(job: Job<Request, Result>, options?: JobOptions): Promise<Result> {
    return await runJob(this.#addon, job, options);
  }
}

function shapeText({ rows, cols }: { readonly rows: number; readonly cols: number }): string {
  return `${String(rows)} x ${String(cols)}`;
}

function mustMatch(given: number, wanted: number, why: string): void {
  if (given !== wanted) throw new PolarimeterError('invalid-argument', why);
}

function rawMask(mask: DenseMask): RawDenseMask {
  if (mask.kind === 'random') return mask;
  if (mask.kind === 'different') return { ...mask, by: handleOf(mask.by), with: handleOf(mask.with) };
  return { ...mask, by: handleOf(mask.by) };
}

/** Of a stored tensor of 8-bit floats, which operations see as BF16, so that they can be copied as they are. */
function storedType(tensor: TensorSource): PlainDtype | undefined {
  if ('derived' in tensor) return undefined;
  return tensor.dtype === 'F8_E4M3' || tensor.dtype === 'F8_E5M2' ? tensor.dtype : undefined;
}

function written({ bytes, rounding, overflowed, not_finite: notFinite }: RawWritten): Written {
  return { bytes, rounding, overflowed, notFinite };
}

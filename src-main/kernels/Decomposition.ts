import { PolarimeterError } from '../contract/errors.ts';
import type { RawAddon, RawSvdResult, SvdHandle, SvdMethod } from './raw.ts';

/**
 * Singular values of a matrix, and a handle on its leading, middle and trailing singular vectors, which stay native.
 * Dispose it (`using`) as soon as its vectors are no longer needed: they can be large.
 */
export class Decomposition implements Disposable {
  readonly method: SvdMethod;
  readonly rows: number;
  readonly cols: number;
  /** Leading, middle and trailing triplets whose vectors are held. */
  readonly top: number;
  readonly middle: number;
  readonly bottom: number;
  /** All min(rows, cols) singular values, descending. */
  readonly sigma: Float64Array;
  /** Largest relative residual of a returned triplet; 0 when there are none. */
  readonly residual: number;
  /** max |Q^T Q - I| over the returned bases. */
  readonly orthogonality: number;
  /** |sum sigma^2 - |W|_F^2| / |W|_F^2. */
  readonly traceError: number;
  /** Singular values below this are noise of the method. */
  readonly sigmaFloor: number;
  readonly seconds: number;
  /** Native bytes held until disposal. */
  readonly bytes: number;

  readonly #addon: RawAddon;
  readonly #handle: SvdHandle;
  #released = false;

  constructor(addon: RawAddon, { svd, summary }: RawSvdResult, method: SvdMethod) {
    this.#addon = addon;
    this.#handle = svd;
    this.method = method;
    this.rows = summary.m;
    this.cols = summary.n;
    this.top = summary.top;
    this.middle = summary.middle;
    this.bottom = summary.bottom;
    this.sigma = summary.sigma;
    this.residual = summary.residual;
    this.orthogonality = summary.orthogonality;
    this.traceError = summary.trace_error;
    this.sigmaFloor = summary.sigma_floor;
    this.seconds = summary.seconds;
    this.bytes = summary.bytes;
  }

  /** The native handle. Fails with `invalid-argument` after disposal. */
  get handle(): SvdHandle {
    if (this.#released)
      throw new PolarimeterError('invalid-argument', 'the decomposition was disposed before');
    return this.#handle;
  }

  get released(): boolean {
    return this.#released;
  }

  /** Frees the vectors; jobs that use them already keep them until they end. */
  [Symbol.dispose](): void {
    if (this.#released) return;
    this.#released = true;
    this.#addon.release_svd(this.#handle);
  }
}

/** How far the writing of a checkpoint is. */
export interface WriteProgress {
  readonly stage: 'write' | 'verify';
  readonly tensor: string;
  readonly bytes: number;
  readonly totalBytes: number;
  readonly bytesPerSecond: number;
  /** Of this stage; null before anything can be told. */
  readonly millisLeft: number | null;
}

/** Keeps the account of one stage after the other; bytes are those of the result. */
export class WriteMeter {
  readonly #totalBytes: number;
  readonly #report: (progress: WriteProgress) => void;
  #stage: WriteProgress['stage'] = 'write';
  #bytes = 0;
  #begun = performance.now();

  constructor(totalBytes: number, report: (progress: WriteProgress) => void) {
    this.#totalBytes = totalBytes;
    this.#report = report;
  }

  stage(stage: WriteProgress['stage']): void {
    this.#stage = stage;
    this.#bytes = 0;
    this.#begun = performance.now();
  }

  add(tensor: string, bytes: number): void {
    this.#bytes += bytes;
    const millis = performance.now() - this.#begun;
    const bytesPerSecond = this.#bytes / Math.max(millis / 1000, 1e-3);
    const left = this.#totalBytes - this.#bytes;
    this.#report({
      stage: this.#stage,
      tensor,
      bytes: this.#bytes,
      totalBytes: this.#totalBytes,
      bytesPerSecond,
      millisLeft: bytesPerSecond > 0 ? (1000 * left) / bytesPerSecond : null,
    });
  }
}

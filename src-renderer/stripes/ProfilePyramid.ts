/** Shares of one or more neighbouring rows: their mean and the largest. */
export interface ProfileLevel {
  readonly mean: Float64Array;
  readonly largest: Float64Array;
}

/** A profile at every level of the tiles, so that one bar stands beside one row of pixels. */
export class ProfilePyramid {
  /** The largest share of all. */
  readonly peak: number;
  readonly #shares: Float64Array;
  readonly #levels: ProfileLevel[] = [];

  /** Changed weights of every row, and how many weights a row has. */
  constructor(changed: readonly number[], across: number) {
    this.#shares = Float64Array.from(changed, (count) => count / across);
    this.peak = this.#shares.reduce((most, share) => Math.max(most, share), 0);
  }

  /** Bars of 2^level rows; the last one may have fewer. */
  at(level: number): ProfileLevel {
    return (this.#levels[level] ??= this.#reduced(2 ** level));
  }

  #reduced(size: number): ProfileLevel {
    const count = Math.ceil(this.#shares.length / size);
    const [mean, largest] = [new Float64Array(count), new Float64Array(count)];
    for (let bin = 0; bin < count; bin++) {
      const shares = this.#shares.subarray(bin * size, (bin + 1) * size);
      mean[bin] = shares.reduce((sum, share) => sum + share, 0) / shares.length;
      largest[bin] = shares.reduce((most, share) => Math.max(most, share), 0);
    }
    return { mean, largest };
  }
}

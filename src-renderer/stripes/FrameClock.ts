/** Frames farther apart than this belong to different movements. */
const LONGEST_MILLIS = 250;
const KEPT = 120;

/** Times of the frames that were drawn last. */
export class FrameClock {
  readonly #between: number[] = [];
  readonly #drawing: number[] = [];
  #last = -Infinity;

  /** Takes down a frame, in milliseconds of the page's clock. */
  add(start: number, end: number): void {
    performance.measure('stripes.frame', { start, end });
    if (start - this.#last < LONGEST_MILLIS) keep(this.#between, start - this.#last);
    keep(this.#drawing, end - start);
    this.#last = start;
  }

  /** Median time from one frame of a movement to the next; null before there are two. */
  get millisBetween(): number | null {
    return median(this.#between);
  }

  /** Median time that a frame takes of this page's thread. */
  get millisDrawing(): number | null {
    return median(this.#drawing);
  }
}

function keep(list: number[], value: number): void {
  list.push(value);
  if (list.length > KEPT) list.shift();
}

function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? null;
}

import { PolarimeterError } from '../contract/errors.ts';
import { formatBytes } from '../contract/units.ts';

interface Waiting {
  readonly bytes: number;
  readonly grant: () => void;
}

/** Workspace of a run: who wants memory waits, in order, until it fits. */
export class MemoryBudget {
  readonly capacity: number;
  #used = 0;
  #peak = 0;
  readonly #queue: Waiting[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Bytes in use now. */
  get used(): number {
    return this.#used;
  }

  get peak(): number {
    return this.#peak;
  }

  /** Fails with `memory-budget` when it could never fit. */
  async reserve(bytes: number, what: string): Promise<Disposable> {
    if (bytes > this.capacity) {
      const message = `${what} needs ${formatBytes(bytes)} of workspace, the budget leaves ${formatBytes(Math.max(0, this.capacity))}`;
      throw new PolarimeterError('memory-budget', message, what);
    }
    if (this.#queue.length > 0 || this.#used + bytes > this.capacity) {
      await new Promise<void>((grant) => this.#queue.push({ bytes, grant }));
    } else {
      this.#take(bytes);
    }
    let released = false;
    return {
      [Symbol.dispose]: () => {
        if (released) return;
        released = true;
        this.#used -= bytes;
        this.#serve();
      },
    };
  }

  #take(bytes: number): void {
    this.#used += bytes;
    this.#peak = Math.max(this.#peak, this.#used);
  }

  #serve(): void {
    for (let next = this.#queue[0]; next && this.#used + next.bytes <= this.capacity; next = this.#queue[0]) {
      this.#queue.shift();
      this.#take(next.bytes);
      next.grant();
    }
  }
}

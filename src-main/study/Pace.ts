import { setImmediate } from 'node:timers/promises';

/** How long one stretch of work may hold up everything else in the process, in milliseconds. */
const STRETCH = 12;

/** Lets other work of the process go on during a long piece of its own. */
export class Pace {
  #until = performance.now() + STRETCH;

  get isDue(): boolean {
    return performance.now() >= this.#until;
  }

  async rest(): Promise<void> {
    await setImmediate();
    this.#until = performance.now() + STRETCH;
  }
}

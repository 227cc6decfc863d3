/** A page that ends again so soon will end again. */
const AGAIN_MILLIS = 60_000;

/** Whether a window whose page has crashed is loaded again: once a minute at most. */
export class ReloadGuard {
  readonly #now: () => number;
  #last = -Infinity;

  /** @param now milliseconds on a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @param reason Electron's word for why the page's process is gone */
  reloads(reason: string): boolean {
    if (reason === 'clean-exit') return false;
    const now = this.#now();
    const isAgain = now - this.#last < AGAIN_MILLIS;
    this.#last = now;
    return !isAgain;
  }
}

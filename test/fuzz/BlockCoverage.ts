import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector';

/** Which blocks of the sources ran: V8's precise coverage of functions in files whose address has a part in it. */
export class BlockCoverage implements Disposable {
  readonly #session = new Session();
  readonly #part: string;
  /** By function: which of its characters ran so far. */
  readonly #seen = new Map<string, Uint8Array>();

  constructor(part: string) {
    this.#part = part;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  }

  /** Forgets what ran since the last call. */
  reset(): void {
    this.#take();
  }

  /** Functions that ran since the last call, with the characters that ran. */
  take(): Map<string, Uint8Array> {
    const ran = new Map<string, Uint8Array>();
    for (const { url, functions } of this.#take()) {
      if (!url.includes(this.#part)) continue;
      for (const { ranges } of functions) {
        const [whole] = ranges;
        if (whole && whole.count > 0) ran.set(`${url}:${String(whole.startOffset)}`, painted(ranges, whole));
      }
    }
    return ran;
  }

  /** How many characters of what ran had not run before. */
  countNew(ran: ReadonlyMap<string, Uint8Array>): number {
    let count = 0;
    for (const [key, marks] of ran) {
      const seen = this.#seen.get(key);
      for (const [i, mark] of marks.entries()) if (mark === 1 && seen?.[i] !== 1) count++;
    }
    return count;
  }

  /** Remembers what ran. */
  add(ran: ReadonlyMap<string, Uint8Array>): void {
    for (const [key, marks] of ran) {
      const seen = this.#seen.get(key);
      if (!seen) this.#seen.set(key, marks.slice());
      else for (const [i, mark] of marks.entries()) if (mark === 1) seen[i] = 1;
    }
  }

  /** Characters that ran so far. */
  get size(): number {
    return [...this.#seen.values()].reduce(
      (sum, marks) => sum + marks.reduce((all, mark) => all + mark, 0),
      0,
    );
  }

  [Symbol.dispose](): void {
    this.#session.disconnect();
  }

  #take(): Profiler.ScriptCoverage[] {
    let result: Profiler.ScriptCoverage[] = [];
    // With a session in the same thread the answer comes before the call returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error) throw error;
      result = answer.result;
    });
    return result;
  }
}

/** Ranges lie inside each other, the outer ones first. */
function painted(ranges: readonly Profiler.CoverageRange[], whole: Profiler.CoverageRange): Uint8Array {
  const marks = new Uint8Array(whole.endOffset - whole.startOffset);
  for (const { startOffset, endOffset, count } of ranges)
    marks.fill(count > 0 ? 1 : 0, startOffset - whole.startOffset, endOffset - whole.startOffset);
  return marks;
}

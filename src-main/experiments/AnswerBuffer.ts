import type { Outcome } from '../contract/probe.ts';
import type { AnswerStore } from './AnswerStore.ts';

/** Answers that a process may lose when it is killed: those of this many, or of this many milliseconds. */
const MOST = 64;
const LONGEST_MILLIS = 250;

/** Writes answers as they come, some at a time: a transaction for each would wait for the disk. Dispose it to write the last ones. */
export class AnswerBuffer implements Disposable {
  readonly #store: AnswerStore;
  readonly #subject: string;
  #waiting: Outcome[] = [];
  #since = performance.now();

  constructor(store: AnswerStore, subject: string) {
    this.#store = store;
    this.#subject = subject;
  }

  /** fails disk-full */
  add(outcome: Outcome): void {
    if (this.#waiting.length === 0) this.#since = performance.now();
    this.#waiting.push(outcome);
    if (this.#waiting.length >= MOST || performance.now() - this.#since >= LONGEST_MILLIS) this.flush();
  }

  flush(): void {
    const outcomes = this.#waiting;
    this.#waiting = [];
    this.#store.add(this.#subject, outcomes);
  }

  [Symbol.dispose](): void {
    this.flush();
  }
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EvaluatorInfo, GenerationSettings } from '../contract/evaluator.ts';
import type { Outcome, ProbeDocument } from '../contract/probe.ts';
import { AnswerStore } from '../experiments/AnswerStore.ts';
import type { Probe } from '../probes/readProbe.ts';
import { studyWriteError } from '../study/fileErrors.ts';

/** What decides the answers of a model to a probe. */
export interface AnswerRun {
  readonly model: string;
  readonly probe: Probe;
  readonly settings: GenerationSettings;
  readonly evaluator: EvaluatorInfo;
  readonly tries: number;
}

/** Answers go to the disk so many at a time. */
const AT_ONCE = 64;

/** The folder of `probe --out`: answers as they come, in a store that a later run takes up, and the result. */
export class KeptAnswers implements Disposable {
  readonly #folder: string;
  readonly #store: AnswerStore;
  #waiting: Outcome[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    try {
      mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw studyWriteError(error, folder);
    }
    this.#store = new AnswerStore(join(folder, 'answers.sqlite'));
  }

  /** What is kept, and where further outcomes of the same run go; `flush` when there are no more. */
  open(run: AnswerRun): { known: Map<string, Outcome>; keep: (outcome: Outcome) => void; flush: () => void } {
    // How often a problem may be tried decides its answer as much as the problem does.
    const probe = run.tries > 1 ? `${run.probe.fingerprint}, ${run.tries} tries` : run.probe.fingerprint;
    const subject = this.#store.subject({ ...run, probe });
    const flush = (): void => {
      const outcomes = this.#waiting;
      this.#waiting = [];
      this.#store.add(subject, outcomes);
    };
    const keep = (outcome: Outcome): void => {
      this.#waiting.push(outcome);
      if (this.#waiting.length >= AT_ONCE) flush();
    };
    return { known: this.#store.outcomes(subject), keep, flush };
  }

  /** probe.json, and every answer as a line of answers.jsonl. */
  write(document: ProbeDocument, lines: readonly object[]): void {
    try {
      writeFileSync(
        join(this.#folder, 'answers.jsonl'),
        lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
      );
      writeFileSync(join(this.#folder, 'probe.json'), `${JSON.stringify(document, null, 2)}\n`);
    } catch (error) {
      throw studyWriteError(error, this.#folder);
    }
  }

  [Symbol.dispose](): void {
    this.#store[Symbol.dispose]();
  }
}

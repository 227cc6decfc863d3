import type { EvaluatorInfo } from '../../contract/evaluator.ts';
import type { Outcome, Paired, Recovery } from '../../contract/probe.ts';
import type { SweepFile } from '../../contract/sweep.ts';
import { comparePaired } from '../../probes/statistics/comparePaired.ts';
import { recovery } from '../../probes/statistics/recovery.ts';
import type { AnswerStore } from '../AnswerStore.ts';
import { answerSubject } from '../answerSubject.ts';
import { askedCount } from '../probeParts.ts';
import type { Basis, ProbePart, StoredTrial, SweepStore } from '../SweepStore.ts';

/** Answers of one trial to the problems of one probe by which it is judged. */
export interface Answered {
  readonly part: ProbePart;
  readonly outcomes: readonly Outcome[];
  readonly right: readonly boolean[];
}

/** Where the results of a sweep come from. */
export interface AnswerSources {
  readonly file: SweepFile;
  readonly store: Pick<SweepStore, 'basis' | 'evaluator'>;
  readonly answers: Pick<AnswerStore, 'outcomes'>;
}

/** The answers that are there. */
export class AnsweredTrials {
  readonly #source: AnswerSources;
  readonly #known = new Map<string, Map<string, Outcome>>();
  /** Those that lack nothing, which no later answer changes. */
  readonly #complete = new Map<string, Answered>();
  #basis: Basis | null = null;
  #evaluator: EvaluatorInfo | null = null;

  constructor(source: AnswerSources) {
    this.#source = source;
  }

  /** Takes from the store what the answers hang on; it stays that until the next call. */
  refresh(): void {
    this.#basis = this.#source.store.basis;
    this.#evaluator = this.#source.store.evaluator;
  }

  /** The probes that a trial answered in full, of the part and share by which it is judged. */
  of(trial: StoredTrial): Answered[] {
    const { scope } = trial;
    if (scope === null || this.#basis === null) return [];
    return this.#basis.parts
      .filter((part) => part.scope === scope.part)
      .flatMap((part) => this.#answered(trial, part, scope.share) ?? []);
  }

  /** The answers of another trial to the same problems; null where one is missing. */
  same(trial: StoredTrial, { part, outcomes }: Answered): Answered | null {
    return this.#answered(trial, part, outcomes.length / part.problems.length);
  }

  #answered({ fingerprint }: StoredTrial, part: ProbePart, share: number): Answered | null {
    const { settings } = this.#source.file;
    const evaluator = this.#evaluator;
    if (fingerprint === null || evaluator === null) return null;
    const subject = answerSubject({ model: fingerprint, probe: part.fingerprint, settings, evaluator });
    const count = askedCount(part, share, settings.batch);
    const key = `${subject} ${part.probe} ${String(count)}`;
    const complete = this.#complete.get(key);
    if (complete) return complete;
    const outcomes = this.#outcomes(subject, part.problems.slice(0, count));
    if (outcomes.length < count || count === 0) return null;
    const answered = { part, outcomes, right: outcomes.map(({ correct }) => correct) };
    this.#complete.set(key, answered);
    return answered;
  }

  /** Those that are there. What was read once stays, until more of it is wanted than was there then. */
  #outcomes(subject: string, asked: readonly string[]): Outcome[] {
    const pick = (all: ReadonlyMap<string, Outcome>): Outcome[] =>
      asked.flatMap((problem) => all.get(problem) ?? []);
    const found = pick(this.#known.get(subject) ?? new Map());
    if (found.length === asked.length) return found;
    const stored = this.#source.answers.outcomes(subject);
    this.#known.set(subject, stored);
    return pick(stored);
  }
}

/** The second against the first. */
export const pairedAnswers = (first: Answered, second: Answered): Paired =>
  comparePaired(first.right, second.right);

export const recoveredAnswers = (target: Answered, trial: Answered, reference: Answered): Recovery =>
  recovery({ target: target.right, trial: trial.right, reference: reference.right });

/** How many answers were judged how. */
export function verdictsOf({ outcomes }: Answered): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { verdict } of outcomes) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

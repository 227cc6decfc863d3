import { must } from '../base/assert.ts';
import type { Answer, GenerationSettings } from '../contract/evaluator.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { Outcome, Problem } from '../contract/probe.ts';
import type { Evaluator } from '../inference/Evaluator.ts';
import { judge } from './judge.ts';
import type { Probe } from './readProbe.ts';
import { retryPrompt } from './retryPrompt.ts';
import { chooseByScore } from './verifiers/judgeChoice.ts';

export interface AnswerProbeOptions {
  /** Outcomes of an earlier run with the same model, problems and settings, by problem: they are taken as they are. */
  readonly known?: ReadonlyMap<string, Outcome> | undefined;
  /** How often a problem may be tried, with the verifier's message in between: 5 is the evaluation of GeneralPoints. */
  readonly tries?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Every new outcome as it comes, in any order: to keep what is there when the rest fails. */
  readonly onOutcome?: ((outcome: Outcome) => void) | undefined;
}

/**
 * Answers of a model to a probe, judged, in the order of the problems. Which problems share a batch follows from the probe alone: where
 * an outcome of a batch is missing, the whole batch is asked again and known outcomes stay. fails cancelled, and as the evaluator does
 */
export async function answerProbe(
  evaluator: Evaluator,
  probe: Probe,
  settings: GenerationSettings,
  options: AnswerProbeOptions = {},
): Promise<Outcome[]> {
  const round = new AnswerRound(evaluator, settings, options);
  const written = probe.problems.filter(({ verifier }) => verifier.kind !== 'choice');
  await round.write(missingBatches(written, settings.batch, round.outcomes));
  for (const problem of probe.problems) {
    if (problem.verifier.kind === 'choice') await round.choose(problem, problem.verifier);
  }
  return probe.problems.map(({ id }) => must(round.outcomes.get(id), 'every problem was answered'));
}

/** Batches with a problem that has no outcome yet. */
function missingBatches(
  problems: readonly Problem[],
  size: number,
  known: ReadonlyMap<string, Outcome>,
): Problem[][] {
  const batches: Problem[][] = [];
  for (let start = 0; start < problems.length; start += size) {
    const batch = problems.slice(start, start + size);
    if (batch.some(({ id }) => !known.has(id))) batches.push(batch);
  }
  return batches;
}

/** One pass over a probe. */
class AnswerRound {
  readonly outcomes: Map<string, Outcome>;
  readonly #evaluator: Evaluator;
  readonly #settings: GenerationSettings;
  readonly #options: AnswerProbeOptions;

  constructor(evaluator: Evaluator, settings: GenerationSettings, options: AnswerProbeOptions) {
    this.outcomes = new Map(options.known);
    this.#evaluator = evaluator;
    this.#settings = settings;
    this.#options = options;
  }

  async write(batches: readonly Problem[][]): Promise<void> {
    // With several tries a batch is finished before the next one begins: what it asks again then follows from itself alone.
    const tries = this.#options.tries ?? 1;
    const calls = tries > 1 ? batches : batches.length > 0 ? [batches.flat()] : [];
    for (const problems of calls) await this.#writeTries(problems, tries);
  }

  async choose(problem: Problem, verifier: Extract<Problem['verifier'], { kind: 'choice' }>): Promise<void> {
    if (this.outcomes.has(problem.id)) return;
    if (this.#options.signal?.aborted) throw new PolarimeterError('cancelled', 'the probe was cancelled');
    const scores = await this.#evaluator.score(problem.prompt, verifier.choices, this.#settings);
    if (scores.some(Number.isNaN)) {
      throw new PolarimeterError('inference-failed', 'a log-probability is not a number', problem.id);
    }
    const text = chooseByScore(verifier, scores);
    this.#keep(problem, { text, tokens: 0, ended: 'end' }, 1);
  }

  async #writeTries(problems: readonly Problem[], tries: number): Promise<void> {
    let open = problems.map((problem) => ({ problem, prompt: problem.prompt }));
    for (let attempt = 1; open.length > 0; attempt++) {
      const asked = open;
      const last = attempt === tries;
      const again: typeof open = [];
      const answers = await this.#ask(
        asked.map(({ prompt }) => prompt),
        (index, answer) => {
          const { problem } = must(asked[index], 'an answer belongs to a prompt');
          if (last || judge(problem, answer).correct) this.#keep(problem, answer, attempt);
        },
      );
      for (const [index, { problem, prompt }] of asked.entries()) {
        const answer = must(answers[index], 'one answer per prompt');
        if (last || judge(problem, answer).correct) this.#keep(problem, answer, attempt);
        else again.push({ problem, prompt: retryPrompt(problem, prompt, answer.text) });
      }
      open = again;
    }
  }

  #ask(prompts: readonly string[], onAnswer: (index: number, answer: Answer) => void): Promise<Answer[]> {
    return this.#evaluator.answer(prompts, this.#settings, { signal: this.#options.signal, onAnswer });
  }

  #keep(problem: Problem, answer: Answer, tries: number): void {
    if (this.outcomes.has(problem.id)) return;
    const outcome: Outcome = {
      problem: problem.id,
      ...judge(problem, answer),
      answer,
      ...((this.#options.tries ?? 1) > 1 ? { tries } : {}),
    };
    this.outcomes.set(problem.id, outcome);
    this.#options.onOutcome?.(outcome);
  }
}

import type { Answer, GenerationSettings } from '../../src-main/contract/evaluator.ts';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import type { Evaluator } from '../../src-main/inference/Evaluator.ts';

export interface FakeEvaluator extends Evaluator {
  /** Batches as they were computed: the prompts of each. */
  readonly batches: string[][];
  readonly scored: string[];
}

/** What a fake model says; undefined: it breaks down there. */
export type Reply = (prompt: string) => string | undefined;

/** An evaluator that batches as the real ones do and answers from a function. */
export function fakeEvaluator(
  reply: Reply,
  scores: (continuation: string) => number = () => 0,
): FakeEvaluator {
  const batches: string[][] = [];
  const scored: string[] = [];
  return {
    batches,
    scored,
    info: { kind: 'embedded', engine: 'fake', device: 'cpu', threads: 1, weights: 'F32', contextTokens: 64 },
    async answer(prompts, settings: GenerationSettings, options = {}) {
      const answers: Answer[] = [];
      for (let start = 0; start < prompts.length; start += settings.batch) {
        await Promise.resolve();
        if (options.signal?.aborted) throw new PolarimeterError('cancelled', 'cancelled');
        const batch = prompts.slice(start, start + settings.batch);
        batches.push(batch);
        for (const [i, prompt] of batch.entries()) {
          const text = reply(prompt);
          if (text === undefined) throw new PolarimeterError('inference-failed', 'the fake broke down');
          const answer: Answer = { text, tokens: text.length, ended: 'end' };
          answers.push(answer);
          options.onAnswer?.(start + i, answer);
        }
      }
      return answers;
    },
    score(prompt, continuations) {
      scored.push(prompt);
      return Promise.resolve(continuations.map(scores));
    },
    distributions: () => Promise.resolve([]),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { PolarimeterError } from '../../contract/errors.ts';
import { eachDistribution } from './logProbabilities.ts';

export interface ScoredText {
  readonly before: readonly Token[];
  /** Prompt and continuation, as tokens of one text. */
  readonly text: readonly Token[];
  readonly vocabulary: number;
}

/**
 * Log-probability of what follows the tokens that the prompt and the whole text share; a token that begins in the prompt and ends in the
 * continuation belongs to the continuation. fails invalid-argument where there is nothing to score, or nothing in front of it
 */
export async function scoreContinuation(
  sequence: LlamaContextSequence,
  { before, text, vocabulary }: ScoredText,
): Promise<number> {
  const shared = sharedLength(before, text);
  if (shared === 0 || shared === text.length)
    throw new PolarimeterError('invalid-argument', 'a continuation has at least one token after a first one');
  await sequence.clearHistory();
  let sum = 0;
  const reading = { tokens: text, from: shared - 1, vocabulary, exact: 'next' } as const;
  await eachDistribution(sequence, reading, (index, values) => {
    sum += values[text[index + 1] ?? -1] ?? NaN;
  });
  return sum;
}

function sharedLength(a: readonly Token[], b: readonly Token[]): number {
  const different = a.findIndex((token, index) => token !== b[index]);
  return different < 0 ? a.length : different;
}

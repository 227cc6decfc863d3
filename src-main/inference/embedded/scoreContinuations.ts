import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { PolarimeterError } from '../../contract/errors.ts';
import { eachDistribution } from './logProbabilities.ts';
import { running } from './running.ts';

/** Tokens at the end of a prompt that are read anew with each continuation: it may have made others of them. */
const BACK = 4;

export interface Continuations {
  readonly prompt: readonly Token[];
  /** Prompt and continuation, as tokens of one text. */
  readonly texts: readonly (readonly Token[])[];
  readonly vocabulary: number;
}

/**
 * Log-probability of what follows the tokens that the prompt and each whole text share; a token that begins in the prompt and ends in the
 * continuation belongs to the continuation. The prompt is read once. fails invalid-argument where there is nothing to score, or nothing
 * in front of it
 */
export async function scoreContinuations(
  sequence: LlamaContextSequence,
  { prompt, texts, vocabulary }: Continuations,
): Promise<number[]> {
  const kept = prompt.slice(0, Math.max(0, prompt.length - 1 - BACK));
  const scores: number[] = [];
  for (const text of texts) {
    const shared = sharedLength(prompt, text);
    if (shared === 0 || shared === text.length)
      throw new PolarimeterError(
        'invalid-argument',
        'a continuation has at least one token after a first one',
      );
    // What is read, and in which pieces, follows from the prompt and this text alone, and so do its bits.
    const start = shared > kept.length ? kept.length : 0;
    await keepOnly(sequence, start === 0 ? [] : kept);
    let sum = 0;
    const reading = {
      tokens: text.slice(start),
      from: shared - 1 - start,
      vocabulary,
      exact: 'next',
    } as const;
    await eachDistribution(sequence, reading, (index, values) => {
      sum += values[text[start + index + 1] ?? -1] ?? NaN;
    });
    scores.push(sum);
  }
  return scores;
}

/** Leaves these tokens in the sequence, which holds nothing or a text that begins with them, or another. */
async function keepOnly(sequence: LlamaContextSequence, tokens: readonly Token[]): Promise<void> {
  const held = sequence.contextTokens;
  if (tokens.length > 0 && tokens.every((token, index) => token === held[index])) {
    await sequence.eraseContextTokenRanges([{ start: tokens.length, end: sequence.nextTokenIndex }]);
    return;
  }
  await sequence.clearHistory();
  if (tokens.length > 0)
    await running('reading a prompt', () => sequence.evaluateWithoutGeneratingNewTokens([...tokens]));
}

function sharedLength(a: readonly Token[], b: readonly Token[]): number {
  const different = a.findIndex((token, index) => token !== b[index]);
  return different < 0 ? a.length : different;
}

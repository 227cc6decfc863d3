import type { LlamaModel, Token } from 'node-llama-cpp';
import type { Answer, GenerationSettings } from '../../contract/evaluator.ts';
import { must } from '../../base/assert.ts';
import { promptSeed } from '../promptSeed.ts';
import { GrowingAnswer } from './GrowingAnswer.ts';
import { drawing } from './Lanes.ts';
import type { Lanes } from './Lanes.ts';
import { checkCancelled } from './running.ts';

/** Tokens at the end of a prompt on which the text of an answer may depend. */
const BEFORE = 8;

export interface AskedPrompt {
  readonly text: string;
  readonly tokens: readonly Token[];
}

export interface Batch {
  readonly model: LlamaModel;
  /** Tokens at which answers end. */
  readonly ends: ReadonlySet<number>;
  readonly lanes: Lanes;
  /** No more than there are lanes. */
  readonly prompts: readonly AskedPrompt[];
  readonly settings: GenerationSettings;
  /** Tokens of a prompt and its answer. */
  readonly limit: number;
  readonly signal: AbortSignal | undefined;
  readonly onAnswer: (index: number, answer: Answer) => void;
}

/** Answers prompts side by side, one lane each; the other lanes rest. */
export async function answerBatch(batch: Batch): Promise<Answer[]> {
  const { lanes, prompts, signal } = batch;
  const resting = must(prompts[0]?.tokens[0], 'a batch has a prompt');
  try {
    for (let lane = 0; lane < lanes.count; lane++) {
      checkCancelled(signal);
      const prompt = prompts[lane];
      if (prompt) await lanes.start(lane, prompt.tokens, drawing(batch.settings, seedOf(batch, prompt)));
      else await lanes.rest(lane, resting);
    }
    return await grow(batch, resting);
  } finally {
    await lanes.stop();
  }
}

const seedOf = ({ settings }: Batch, { text }: AskedPrompt): number => promptSeed(settings.seed, text);

async function grow(
  { model, ends, lanes, prompts, settings, limit, signal, onAnswer }: Batch,
  resting: Token,
) {
  const answers = prompts.map(({ tokens }) => {
    const most = Math.min(settings.maxTokens, limit - tokens.length);
    return new GrowingAnswer(model, { ends, stop: settings.stop, most, before: tokens.slice(-BEFORE) });
  });
  while (answers.some(({ ended }) => ended === null)) {
    checkCancelled(signal);
    const tokens = await lanes.step();
    for (const [lane, answer] of answers.entries()) {
      if (answer.ended !== null) continue;
      answer.add(must(tokens[lane], 'a token of every lane'));
      if (answer.ended === null) continue;
      onAnswer(lane, answer.ended);
      await lanes.rest(lane, resting);
    }
  }
  return answers.map(({ ended }) => must(ended, 'every answer has ended'));
}

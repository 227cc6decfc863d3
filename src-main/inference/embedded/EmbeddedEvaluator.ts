import type { LlamaContextSequence, LlamaModel } from 'node-llama-cpp';
import { assert } from '../../base/assert.ts';
import type { ModelConfig } from '../../contract/checkpoint.ts';
import { PolarimeterError } from '../../contract/errors.ts';
import type { Answer, EvaluatorInfo, GenerationSettings } from '../../contract/evaluator.ts';
import { formatCount } from '../../contract/format.ts';
import type { AnswerOptions, Evaluator } from '../Evaluator.ts';
import { answerBatch } from './answerBatch.ts';
import type { AskedPrompt } from './answerBatch.ts';
import { READ_TOKENS } from './createContext.ts';
import { Lanes } from './Lanes.ts';
import { checkMemory, contextBytes } from './memory.ts';
import { promptTokens } from './promptTokens.ts';
import type { Encoder } from './promptTokens.ts';
import { scoreContinuations } from './scoreContinuations.ts';
import { eachDistribution } from './logProbabilities.ts';

export interface EmbeddedParts {
  readonly encoder: Encoder;
  /** Tokens at which answers end. */
  readonly ends: ReadonlySet<number>;
  readonly info: EvaluatorInfo;
  readonly config: ModelConfig | null;
  readonly threads: number;
  /** Tokens of a prompt and its answer. */
  readonly limit: number;
  /** Memory that a context may take. */
  readonly free: () => Promise<number>;
}

/** llama.cpp has no more in one context. */
const MOST_LANES = 256;

/** With one lane alone the sums are others than with several: two at least make answers the same for every batch. */
const FEWEST_LANES = 2;

/** A model in llama.cpp, in this process. */
export class EmbeddedEvaluator implements Evaluator {
  readonly info: EvaluatorInfo;
  readonly #parts: EmbeddedParts;
  readonly #model: LlamaModel;
  #lanes: Lanes | null = null;
  #isBusy = false;

  constructor(parts: EmbeddedParts) {
    this.#parts = parts;
    this.#model = parts.encoder.model;
    this.info = parts.info;
  }

  async answer(
    prompts: readonly string[],
    settings: GenerationSettings,
    { signal, onAnswer }: AnswerOptions = {},
  ): Promise<Answer[]> {
    return await this.#alone(async () => {
      const asked = prompts.map((text): AskedPrompt => ({ text, tokens: this.#read(text, settings) }));
      const { limit } = this.#parts;
      const room = Math.max(
        0,
        ...asked.map(({ tokens }) => Math.min(limit, tokens.length + settings.maxTokens)),
      );
      const answers: Answer[] = [];
      const width = Math.min(settings.batch, MOST_LANES);
      for (let start = 0; start < asked.length; start += width) {
        const lanes = await this.#lanesFor(width, room);
        const batch = {
          model: this.#model,
          ends: this.#parts.ends,
          lanes,
          prompts: asked.slice(start, start + width),
          settings,
          limit,
          signal,
          onAnswer: (index: number, answer: Answer) => onAnswer?.(start + index, answer),
        };
        answers.push(...(await answerBatch(batch)));
      }
      return answers;
    });
  }

  async score(
    prompt: string,
    continuations: readonly string[],
    settings: GenerationSettings,
  ): Promise<number[]> {
    return await this.#alone(async () => {
      const before = this.#read(prompt, settings);
      const { encoder } = this.#parts;
      const { template } = settings;
      const texts = continuations.map((answer) =>
        this.#fitting(promptTokens(encoder, { prompt, template, answer }), prompt, 0),
      );
      const asked = { prompt: before, texts, vocabulary: this.#vocabulary };
      const longest = Math.max(0, ...texts.map(({ length }) => length));
      return await this.#reading(longest, (sequence) => scoreContinuations(sequence, asked));
    });
  }

  async distributions(text: string): Promise<Float64Array[]> {
    return await this.#alone(async () => {
      const tokens = this.#fitting(
        promptTokens(this.#parts.encoder, { prompt: text, template: 'none' }),
        text,
        0,
      );
      const found: Float64Array[] = [];
      const reading = { tokens, from: 0, vocabulary: this.#vocabulary, exact: 'all' } as const;
      await this.#reading(tokens.length, (sequence) =>
        eachDistribution(sequence, reading, (_index, values) => found.push(values)),
      );
      return found;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lanes?.context.dispose();
    this.#lanes = null;
  }

  /** Lends a sequence that holds nothing, whatever became of the one before. */
  async #reading<T>(tokens: number, work: (sequence: LlamaContextSequence) => Promise<T>): Promise<T> {
    const lanes = await this.#lanesFor(1, tokens);
    try {
      return await work(lanes.sequence(0));
    } finally {
      await lanes.stop();
    }
  }

  get #vocabulary(): number {
    return this.#model.fileInfo.metadata.tokenizer.ggml.tokens.length;
  }

  #read(prompt: string, settings: GenerationSettings) {
    const tokens = promptTokens(this.#parts.encoder, { prompt, template: settings.template });
    return this.#fitting(tokens, prompt, 1);
  }

  /** fails context-too-short invalid-argument */
  #fitting<T>(tokens: readonly T[], text: string, answer: number): readonly T[] {
    const start = text.length > 60 ? `${text.slice(0, 60)}…` : text;
    if (tokens.length === 0)
      throw new PolarimeterError('invalid-argument', 'a prompt without a token cannot be answered');
    const { limit } = this.#parts;
    if (tokens.length + answer <= limit) return tokens;
    const message = `${JSON.stringify(start)} has ${formatCount(tokens.length)} tokens, the context of the model ${formatCount(limit)}`;
    throw new PolarimeterError('context-too-short', message);
  }

  /** A context that is there is kept as long as it is large enough. */
  async #lanesFor(batch: number, tokens: number): Promise<Lanes> {
    const count = Math.max(FEWEST_LANES, batch);
    const kept = this.#lanes;
    if (kept && kept.count === count && kept.context.contextSize >= tokens + 2) return kept;
    await this[Symbol.asyncDispose]();
    const { config, free, threads } = this.#parts;
    checkMemory(
      { weights: 0, context: contextBytes(config, { lanes: count, tokens, batch: READ_TOKENS }) },
      await free(),
    );
    this.#lanes = await Lanes.open(this.#model, { lanes: count, tokens, threads });
    return this.#lanes;
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    assert(!this.#isBusy, 'an evaluator does one thing at a time');
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      this.#isBusy = false;
    }
  }
}

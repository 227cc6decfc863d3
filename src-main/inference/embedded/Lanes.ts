import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LlamaContext, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import type { GenerationSettings } from '../../contract/evaluator.ts';
import { must } from '../../base/assert.ts';
import { createContext } from './createContext.ts';
import type { ContextRequest } from './createContext.ts';
import { running } from './running.ts';

type Tokens = AsyncGenerator<Token, unknown, unknown>;

/** Holds queued tokens back until every lane has queued one. */
interface Gate {
  isOpen: boolean;
  waiting: (() => void) | null;
}

/** How tokens are drawn: greedy is the largest, else top-p and then the temperature, from a stream of its own. */
export interface Drawing {
  readonly temperature: number;
  readonly topP: number;
  /** 32 bits, not all ones: that would be a random one. */
  readonly seed: number;
}

export function drawing({ temperature, topP }: GenerationSettings, seed: number): Drawing {
  return { temperature, topP, seed: seed % 0xffff_ffff };
}

const GREEDY: Drawing = { temperature: 0, topP: 1, seed: 0 };

/**
 * Sequences of one context that take every step together. A prompt is read alone, and a step always has one token of every lane, resting
 * ones included: on the processor the sums of a lane are then the same whatever the others hold and however many they are, from two on.
 */
export class Lanes {
  readonly #sequences: readonly LlamaContextSequence[];
  readonly #streams: (Tokens | null)[];
  readonly #gate: Gate;
  readonly context: LlamaContext;

  private constructor(context: LlamaContext, gate: Gate) {
    this.context = context;
    this.#gate = gate;
    this.#sequences = Array.from({ length: context.totalSequences }, () => context.getSequence());
    this.#streams = this.#sequences.map(() => null);
  }

  /** fails model-too-large inference-failed */
  static async open(model: LlamaModel, request: ContextRequest): Promise<Lanes> {
    const gate: Gate = { isOpen: true, waiting: null };
    const schedule = (dispatch: () => void): void => {
      if (gate.isOpen) setImmediate(dispatch);
      else gate.waiting = dispatch;
    };
    return new Lanes(await createContext(model, { ...request, schedule }), gate);
  }

  get count(): number {
    return this.#sequences.length;
  }

  /** Reads all tokens of a prompt but the last; the next step takes that one. */
  async start(lane: number, prompt: readonly Token[], how: Drawing): Promise<void> {
    await this.#clear(lane);
    const sequence = this.sequence(lane);
    const last = must(prompt.at(-1), 'a prompt has a token');
    if (prompt.length > 1)
      await running('reading a prompt', () =>
        sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(0, -1)),
      );
    this.#streams[lane] = sequence.evaluate([last], { ...how, topK: 0, minP: 0, yieldEogToken: true });
  }

  /** Lets a lane step along without an answer, from one token on, so that it never fills its context. */
  async rest(lane: number, token: Token): Promise<void> {
    await this.start(lane, [token], GREEDY);
  }

  /**
   * The next token of every lane. They are queued one after the other: in another order llama.cpp cuts the step into pieces, and threads
   * that draw tokens at the same time then bring its results into order at the same time, which mixes them up.
   */
  async step(): Promise<Token[]> {
    const streams = this.#streams.map((stream) => must(stream, 'every lane was started'));
    return await running('the next tokens', async () => {
      this.#gate.isOpen = false;
      try {
        const results: Promise<IteratorResult<Token, unknown>>[] = [];
        for (const stream of streams) {
          const next = stream.next();
          // A failure before all are queued is reported below, not as one that nobody handles.
          next.catch(() => undefined);
          results.push(next);
          await nextTurn();
        }
        must(this.#gate.waiting, 'tokens are queued')();
        return (await Promise.all(results)).map(({ done, value }) => {
          if (done) throw new Error('llama.cpp ended a sequence by itself');
          return value;
        });
      } finally {
        this.#gate.isOpen = true;
      }
    });
  }

  /** Forgets everything. */
  async stop(): Promise<void> {
    for (const lane of this.#sequences.keys()) await this.#clear(lane);
  }

  /** For readings of its own, between answers. */
  sequence(lane: number): LlamaContextSequence {
    return must(this.#sequences[lane], 'no such lane');
  }

  async #clear(lane: number): Promise<void> {
    await this.#streams[lane]?.return(undefined);
    this.#streams[lane] = null;
    await this.sequence(lane).clearHistory();
  }
}

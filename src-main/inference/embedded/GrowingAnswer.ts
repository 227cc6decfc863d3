import type { LlamaModel, Token } from 'node-llama-cpp';
import type { Answer } from '../../contract/evaluator.ts';
import { cutAtStop } from '../cutAtStop.ts';

/** A stop text lies in no more tokens than it has bytes; some more, because the first token of a window may lose a space. */
const SPARE_TOKENS = 4;

export interface GrowthLimits {
  /** Tokens at which it ends. */
  readonly ends: ReadonlySet<number>;
  readonly stop: readonly string[];
  /** Tokens that it may have: the setting, or what is left of the context. */
  readonly most: number;
  /** The end of the prompt: whether a space begins the answer may depend on it. */
  readonly before: readonly Token[];
}

/** One answer, token by token. */
export class GrowingAnswer {
  readonly #model: LlamaModel;
  readonly #limits: GrowthLimits;
  readonly #window: number;
  readonly #tokens: Token[] = [];
  #ended: Answer | null = null;

  constructor(model: LlamaModel, limits: GrowthLimits) {
    this.#model = model;
    this.#limits = limits;
    this.#window = Math.max(0, ...limits.stop.map((stop) => Buffer.byteLength(stop))) + SPARE_TOKENS;
  }

  /** Null while it grows. */
  get ended(): Answer | null {
    return this.#ended;
  }

  add(token: Token): void {
    if (this.#limits.ends.has(token)) {
      this.#end(this.#text(), 'end');
      return;
    }
    this.#tokens.push(token);
    const cut = this.#stopped();
    if (cut !== null) this.#end(cut, 'stop');
    else if (this.#tokens.length >= this.#limits.most) this.#end(this.#text(), 'length');
  }

  #end(text: string, ended: Answer['ended']): void {
    this.#ended = { text, tokens: this.#tokens.length, ended };
  }

  /** Stop texts may lie across tokens. Only the end of the answer is looked at until one is seen. */
  #stopped(): string | null {
    const { stop } = this.#limits;
    if (stop.length === 0) return null;
    const tail = this.#model.detokenize(this.#tokens.slice(-this.#window));
    if (!cutAtStop(tail, stop).stopped) return null;
    const { text, stopped } = cutAtStop(this.#text(), stop);
    return stopped ? text : null;
  }

  #text(): string {
    return this.#model.detokenize(this.#tokens, false, this.#limits.before);
  }
}

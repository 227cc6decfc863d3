import { PolarimeterError } from '../../contract/errors.ts';
import type { Answer, EvaluatorInfo, GenerationSettings } from '../../contract/evaluator.ts';
import type { AnswerOptions, Evaluator } from '../Evaluator.ts';
import { answerSideBySide } from '../answerSideBySide.ts';
import { promptSeed } from '../promptSeed.ts';
import type { EndpointClient } from './EndpointClient.ts';
import type { EndpointChoice } from './openEndpoint.ts';
import { chatAnswer, completionAnswer, echoOf } from './replies.ts';

/** Length as servers count it: in code points. */
const lengthOf = (text: string): number => [...text].length;

/** A model behind an OpenAI-compatible server. */
export class EndpointEvaluator implements Evaluator {
  readonly info: EvaluatorInfo;
  readonly #choice: EndpointChoice;
  readonly #host: string;
  readonly #client: EndpointClient;

  constructor(choice: EndpointChoice, url: URL, client: EndpointClient) {
    this.#choice = choice;
    this.#host = url.host;
    this.#client = client;
    this.info = {
      kind: 'endpoint',
      engine: `${url.origin}${url.pathname}, ${choice.api}, model ${choice.model}`,
      device: url.host,
      threads: null,
      weights: 'as the server has them',
      contextTokens: null,
    };
  }

  async answer(
    prompts: readonly string[],
    settings: GenerationSettings,
    { signal, onAnswer }: AnswerOptions = {},
  ): Promise<Answer[]> {
    this.#checkTemplate(settings);
    const ask = async (prompt: string, index: number, either: AbortSignal): Promise<Answer> => {
      const answer = await this.#ask(prompt, settings, either);
      onAnswer?.(index, answer);
      return answer;
    };
    const answers = await answerSideBySide(prompts, settings.batch, ask, signal);
    if (signal?.aborted) throw new PolarimeterError('cancelled', 'cancelled', this.#host);
    return answers;
  }

  /** A token that begins in the prompt and ends in the continuation belongs to the continuation. */
  async score(
    prompt: string,
    continuations: readonly string[],
    settings: GenerationSettings,
  ): Promise<number[]> {
    this.#checkTemplate(settings);
    if (this.#choice.api === 'chat') throw this.#unable('chat servers give no probabilities of a given text');
    const score = (continuation: string, _index: number, signal: AbortSignal) =>
      this.#scoreOne(prompt, continuation, signal);
    return await answerSideBySide(continuations, settings.batch, score, undefined);
  }

  distributions(): Promise<Float64Array[]> {
    return Promise.reject(this.#unable('servers give no probabilities of the whole vocabulary'));
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #checkTemplate({ template }: GenerationSettings): void {
    const { api } = this.#choice;
    if (api === 'completions' && template === 'chat')
      throw this.#unable('the completions interface takes prompts as they are: use chat, or no template');
    if (api === 'chat' && template === 'none')
      throw this.#unable(
        'the chat interface puts every prompt into the template of the model: set the template to chat',
      );
  }

  #unable(why: string): PolarimeterError {
    return new PolarimeterError('not-supported', `${this.#host}: ${why}`, this.#host);
  }

  async #ask(prompt: string, settings: GenerationSettings, signal: AbortSignal): Promise<Answer> {
    const { model, api } = this.#choice;
    const { temperature, topP, maxTokens, stop, seed } = settings;
    const body = {
      model,
      temperature,
      top_p: topP,
      max_tokens: maxTokens,
      seed: promptSeed(seed, prompt),
      ...(stop.length > 0 ? { stop } : {}),
    };
    if (api === 'chat') {
      const messages = [{ role: 'user', content: prompt }];
      return chatAnswer(
        await this.#client.post('chat/completions', { ...body, messages }, signal),
        stop,
        this.#host,
      );
    }
    return completionAnswer(
      await this.#client.post('completions', { ...body, prompt }, signal),
      stop,
      this.#host,
    );
  }

  async #scoreOne(prompt: string, continuation: string, signal: AbortSignal): Promise<number> {
    const { model } = this.#choice;
    const text = `${prompt}${continuation}`;
    // One token more than is scored: some servers refuse to generate none.
    const body = { model, prompt: text, echo: true, logprobs: 1, max_tokens: 1, temperature: 0 };
    const echo = echoOf(await this.#client.post('completions', body, signal), this.#host);
    if (echo === null || !echo.text.startsWith(text))
      throw this.#unable('it does not echo prompts with probabilities');
    const [from, to] = [lengthOf(prompt), lengthOf(text)];
    const ends = echo.offsets.map((_start, at) => echo.offsets[at + 1] ?? Infinity);
    const scored = echo.logprobs.filter(
      (_value, at) => (ends[at] ?? 0) > from && (echo.offsets[at] ?? Infinity) < to,
    );
    const known = scored.filter((value) => value !== null);
    if (scored.length === 0 || known.length < scored.length)
      throw this.#unable('it gives no probability of the first token of a text');
    return known.reduce((sum, value) => sum + value, 0);
  }
}

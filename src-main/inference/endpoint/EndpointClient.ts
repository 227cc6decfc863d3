import { PolarimeterError } from '../../contract/errors.ts';
import type { ErrorCode } from '../../contract/errors.ts';
import { postJson } from './postJson.ts';
import type { Reply } from './postJson.ts';
import { quoted } from './quoted.ts';
import { retryDelay } from './retryDelay.ts';

/** What retries do to the world. */
export interface RetryEffects {
  /** Rejects when the signal is aborted. */
  readonly pause: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
  /** From 0, below 1. */
  readonly random: () => number;
  readonly now: () => number;
}

export interface EndpointAddress {
  readonly url: URL;
  readonly key: string | null;
  readonly timeoutSeconds: number;
  readonly retries: number;
}

/** Statuses that another attempt may better. */
const TRANSIENT = new Set([408, 409, 425, 429]);

/** Longer than this is not waited for: the user decides. */
const LONGEST_WAIT_MS = 10 * 60_000;

/** Requests to a server, repeated as long as that can help. */
export class EndpointClient {
  readonly #address: EndpointAddress;
  readonly #effects: RetryEffects;

  constructor(address: EndpointAddress, effects: RetryEffects) {
    this.#address = address;
    this.#effects = effects;
  }

  /** The reply as JSON. fails cancelled endpoint-unreachable endpoint-refused endpoint-busy endpoint-invalid context-too-short */
  async post(path: string, body: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    const { url: base, key, timeoutSeconds, retries } = this.#address;
    const url = new URL(base);
    url.pathname = `${base.pathname.replace(/\/+$/, '')}/${path}`;
    for (let attempt = 0; ; attempt++) {
      const reply = await postJson({ url, body, key, timeoutSeconds, signal });
      if (reply.kind === 'reply' && !isTransient(reply.status)) return this.#judge(reply, url);
      const wait = retryDelay(attempt, reply, this.#effects);
      if (attempt >= retries || wait > LONGEST_WAIT_MS) throw this.#givenUp(reply, attempt, wait);
      await this.#pause(wait, signal);
    }
  }

  async #pause(wait: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#effects.pause(wait, signal);
    } catch (error) {
      if (signal?.aborted) throw new PolarimeterError('cancelled', 'cancelled', this.#address.url.host);
      throw error;
    }
  }

  #error(code: ErrorCode, message: string): PolarimeterError {
    return new PolarimeterError(code, `${this.#address.url.host}: ${message}`, this.#address.url.host);
  }

  #givenUp(reply: Reply, attempt: number, wait: number): PolarimeterError {
    const times = attempt === 0 ? '' : `, after ${String(attempt + 1)} attempts`;
    if (reply.kind === 'lost') return this.#error('endpoint-unreachable', `${reply.why}${times}`);
    const said = this.#said(reply.text);
    if (reply.status === 429 || reply.status === 503) {
      const asks =
        wait > LONGEST_WAIT_MS ? `; it asks to wait ${String(Math.round(wait / 1000))} seconds` : '';
      return this.#error('endpoint-busy', `HTTP ${String(reply.status)}${said}${times}${asks}`);
    }
    return this.#error('endpoint-unreachable', `HTTP ${String(reply.status)}${said}${times}`);
  }

  #judge(reply: Extract<Reply, { kind: 'reply' }>, url: URL): unknown {
    const { status, text } = reply;
    const json = parsed(text);
    if (status >= 200 && status < 300) {
      if (json !== undefined) return json;
      const start = quoted(text.slice(0, 200), this.#address.key);
      throw this.#error('endpoint-invalid', start === '' ? 'an empty reply' : `not JSON: ${start}`);
    }
    if (status < 400) {
      const target = quoted(reply.headers.get('location') ?? 'another address', this.#address.key);
      throw this.#error('endpoint-invalid', `HTTP ${String(status)}: it points to ${target}`);
    }
    const said = this.#said(text);
    if (/context.{0,8}(length|size|window)|context_length_exceeded/i.test(text)) {
      throw this.#error('context-too-short', `HTTP ${String(status)}${said}`);
    }
    // A path that the server does not have is answered with a page; a model that it does not have, in JSON.
    if (json === undefined && (status === 404 || status === 405))
      throw this.#error('endpoint-invalid', `HTTP ${String(status)} for ${url.pathname}${said}`);
    throw this.#error('endpoint-refused', `HTTP ${String(status)}${said}`);
  }

  /** The server's own words, e.g. of { "error": { "message": … } }. */
  #said(text: string): string {
    const words = quoted(messageIn(parsed(text)) ?? text, this.#address.key);
    return words === '' ? '' : `: ${words}`;
  }
}

const isTransient = (status: number): boolean => TRANSIENT.has(status) || status >= 500;

/** Undefined is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function messageIn(json: unknown): string | null {
  if (typeof json === 'string') return json;
  if (typeof json !== 'object' || json === null) return null;
  for (const name of ['error', 'message', 'detail']) {
    const found = messageIn((json as Record<string, unknown>)[name]);
    if (found !== null) return found;
  }
  return null;
}

import { describe, expect, it } from 'vitest';
import { EvaluatorChoice, GenerationSettings } from '../../src-main/contract/evaluator.ts';
import { openEndpoint } from '../../src-main/inference/endpoint/openEndpoint.ts';
import type { EndpointChoice } from '../../src-main/inference/endpoint/openEndpoint.ts';
import { retryDelay } from '../../src-main/inference/endpoint/retryDelay.ts';
import { caughtAsync } from '../fixtures/caught.ts';
import { completion, sendJson, serveEndpoint } from './endpointServer.ts';
import type { Handler } from './endpointServer.ts';

const KEY = 'sk-secret-0123456789';

const settingsOf = (extra: Partial<GenerationSettings> = {}) => GenerationSettings.parse(extra);

function choiceOf(url: string, extra: Partial<EndpointChoice> = {}): EndpointChoice {
  return EvaluatorChoice.parse({ kind: 'endpoint', url, model: 'tiny', ...extra }) as EndpointChoice;
}

/** Evaluator over a handler, with the pauses that it would have made. */
async function opened(handle: Handler, extra: Partial<EndpointChoice> = {}) {
  const server = await serveEndpoint(handle);
  const pauses: number[] = [];
  const effects = {
    pause: (milliseconds: number) => {
      pauses.push(milliseconds);
      return Promise.resolve();
    },
    random: () => 0.5,
    now: () => Date.parse('2026-01-01T00:00:00Z'),
  };
  const choice = choiceOf(server.url, { retries: 2, timeoutSeconds: 20, ...extra });
  return { server, pauses, evaluator: openEndpoint(choice, { MODEL_KEY: KEY }, effects) };
}

const ask = async (handle: Handler, extra: Partial<EndpointChoice> = {}) => {
  const { evaluator } = await opened(handle, extra);
  return await caughtAsync(() => evaluator.answer(['2+2='], settingsOf()));
};

describe('an endpoint', () => {
  it('passes every setting on, and maps what ends an answer', async () => {
    const { evaluator, server } = await opened(
      ({ body }, response) => {
        const reply = {
          a: completion('four'),
          b: completion('fo', { finish_reason: 'length' }),
          c: completion('f', { stop_reason: ';' }),
          d: completion('fou;ignored'),
        }[String(body['prompt'])];
        sendJson(response, 200, reply);
      },
      { keyVariable: 'MODEL_KEY' },
    );
    const settings = settingsOf({ temperature: 0.7, topP: 0.9, maxTokens: 12, stop: [';'], seed: 7 });
    const answers = await evaluator.answer(['a', 'b', 'c', 'd'], settings);
    expect(answers).toEqual([
      { text: 'four', tokens: 4, ended: 'end' },
      { text: 'fo', tokens: 2, ended: 'length' },
      { text: 'f', tokens: 1, ended: 'stop' },
      { text: 'fou', tokens: 11, ended: 'stop' },
    ]);
    expect(server.asked[0]).toMatchObject({
      path: '/v1/completions',
      authorization: `Bearer ${KEY}`,
      body: { model: 'tiny', temperature: 0.7, top_p: 0.9, max_tokens: 12, stop: [';'] },
    });
    expect(JSON.stringify(evaluator.info)).not.toContain(KEY);
    const seeds = new Map(server.asked.map(({ body }) => [body['prompt'], body['seed']]));
    expect(new Set(seeds.values()).size).toBe(4);
    await evaluator.answer(['c'], settings);
    expect(server.asked.at(-1)?.body['seed']).toBe(seeds.get('c'));
  });

  it('asks a chat interface with one user message', async () => {
    const { evaluator, server } = await opened(
      (_asked, response) => {
        const choices = [{ message: { content: 'four' }, finish_reason: 'stop' }];
        sendJson(response, 200, { choices });
      },
      { api: 'chat' },
    );
    const [answer] = await evaluator.answer(['2+2='], settingsOf({ template: 'chat' }));
    expect(answer).toEqual({ text: 'four', tokens: 0, ended: 'end' });
    expect(server.asked[0]).toMatchObject({
      path: '/v1/chat/completions',
      authorization: undefined,
      body: { messages: [{ role: 'user', content: '2+2=' }] },
    });
    expect((await caughtAsync(() => evaluator.answer(['x'], settingsOf()))).code).toBe('not-supported');
  });

  it('has no more requests under way than the batch says, and answers in order', async () => {
    const { evaluator, server } = await opened(async ({ body }, response) => {
      const prompt = Number(body['prompt']);
      await new Promise((resolve) => setTimeout(resolve, 40 - prompt));
      sendJson(response, 200, completion(`<${String(prompt)}>`));
    });
    const prompts = Array.from({ length: 12 }, (_unused, at) => String(at));
    const order: number[] = [];
    const answers = await evaluator.answer(prompts, settingsOf({ batch: 3 }), {
      onAnswer: (index) => order.push(index),
    });
    expect(answers.map(({ text }) => text)).toEqual(prompts.map((prompt) => `<${prompt}>`));
    expect([server.mostAtOnce(), order.length]).toEqual([3, 12]);
  });

  it('tries again when it is limited, as long as the server asks', async () => {
    const { evaluator, server, pauses } = await opened((_asked, response, count) => {
      if (count === 1) response.writeHead(429, { 'retry-after': '3' }).end('{}');
      else if (count === 2) response.writeHead(502).end('<html>bad gateway</html>');
      else sendJson(response, 200, completion('four'));
    });
    const [answer] = await evaluator.answer(['2+2='], settingsOf());
    expect([answer?.text, server.asked.length, pauses]).toEqual(['four', 3, [3000, 750]]);
  });

  it('keeps what was answered before it fails', async () => {
    const { evaluator } = await opened((_asked, response, count) => {
      sendJson(response, count <= 2 ? 200 : 401, completion('four'));
    });
    const kept: number[] = [];
    const asked = evaluator.answer(['a', 'b', 'c', 'd'], settingsOf({ batch: 1 }), {
      onAnswer: (index) => kept.push(index),
    });
    expect((await caughtAsync(() => asked)).code).toBe('endpoint-refused');
    expect(kept).toEqual([0, 1]);
  });

  it('is cancelled in the middle of an answer', async () => {
    const stop = new AbortController();
    const { evaluator } = await opened(() => stop.abort());
    const asked = evaluator.answer(['a', 'b'], settingsOf(), { signal: stop.signal });
    expect((await caughtAsync(() => asked)).code).toBe('cancelled');
  });

  it('is cancelled while it waits to try again', async () => {
    const server = await serveEndpoint((_asked, response) => {
      response.writeHead(429, { 'retry-after': '60' }).end('{}');
      setTimeout(() => stop.abort(), 20);
    });
    const stop = new AbortController();
    const asked = openEndpoint(choiceOf(server.url), {}).answer(['a'], settingsOf(), { signal: stop.signal });
    expect((await caughtAsync(() => asked)).code).toBe('cancelled');
  });
});

describe('an endpoint that', () => {
  it('answers too late is unreachable', async () => {
    const error = await ask(() => {}, { timeoutSeconds: 0.05, retries: 1 });
    expect(error.code).toBe('endpoint-unreachable');
    expect(error.message).toMatch(/no answer within 0.05 seconds, after 2 attempts/);
  });

  it('stalls in the middle of its answer is unreachable', async () => {
    const error = await ask((_asked, response) => void response.writeHead(200).write('{"choices":'), {
      timeoutSeconds: 0.1,
      retries: 0,
    });
    expect(error.code).toBe('endpoint-unreachable');
  });

  it('is not there is unreachable', async () => {
    const choice = choiceOf('http://127.0.0.1:9/v1', { retries: 0 });
    const error = await caughtAsync(() => openEndpoint(choice, {}).answer(['a'], settingsOf()));
    expect(error.code).toBe('endpoint-unreachable');
    expect(error.message).toMatch(/127\.0\.0\.1:9: .+/);
  });

  it('closes the socket is unreachable, at once and in the middle', async () => {
    const closed = await ask((_asked, response) => void response.destroy());
    expect(closed.code).toBe('endpoint-unreachable');
    const cut = await ask((_asked, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"choices":', () => response.destroy());
    });
    expect(cut.code).toBe('endpoint-unreachable');
  });

  it('fails again and again is unreachable, with its words', async () => {
    const error = await ask((_asked, response) =>
      sendJson(response, 500, { error: { message: 'out of cards' } }),
    );
    expect([error.code, error.message]).toEqual([
      'endpoint-unreachable',
      expect.stringMatching(/HTTP 500: out of cards, after 3 attempts/),
    ]);
  });

  it('limits the rate to the end is busy', async () => {
    const error = await ask((_asked, response) => sendJson(response, 429, { error: 'slow down' }));
    expect([error.code, error.message]).toEqual(['endpoint-busy', expect.stringMatching(/slow down/)]);
  });

  it('asks for a wait of an hour is busy at once', async () => {
    const { evaluator, server } = await opened((_asked, response) => {
      response.writeHead(429, { 'retry-after': '3600' }).end();
    });
    const error = await caughtAsync(() => evaluator.answer(['a'], settingsOf()));
    expect([error.code, server.asked.length]).toEqual(['endpoint-busy', 1]);
    expect(error.message).toMatch(/3600 seconds/);
  });

  it.each([400, 401, 403, 404, 422])('says %d is refusing, and the key is not repeated', async (status) => {
    const error = await ask(
      (_asked, response) => sendJson(response, status, { error: { message: `wrong key ${KEY} for tiny` } }),
      { keyVariable: 'MODEL_KEY' },
    );
    expect(error.code).toBe('endpoint-refused');
    expect(error.message).toMatch(/wrong key \(key\) for tiny/);
    expect(JSON.stringify(error.body)).not.toContain(KEY);
  });

  it('has too little context says so', async () => {
    const message = "This model's maximum context length is 8 tokens";
    const error = await ask((_asked, response) => sendJson(response, 400, { error: { message } }));
    expect(error.code).toBe('context-too-short');
  });

  it.each([
    ['a page', '<html><body>Welcome</body></html>'],
    ['truncated JSON', '{"choices":[{"text":"fo'],
    ['nothing', ''],
    ['no choice', '{"choices":[]}'],
    ['choices without a text', '{"choices":[{"finish_reason":"stop"}]}'],
    ['no reason of its end', '{"choices":[{"text":"four"}]}'],
    ['an error with status 200', '{"error":{"message":"no"}}'],
    ['a number', '42'],
    ['bytes', '\u0000\u0001\ufffd'],
  ])('sends %s is invalid', async (_title, text) => {
    const { evaluator, server } = await opened((_asked, response) => void response.writeHead(200).end(text));
    const error = await caughtAsync(() => evaluator.answer(['a'], settingsOf()));
    expect([error.code, server.asked.length]).toEqual(['endpoint-invalid', 1]);
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+: .+/);
  });

  it('has a page at this address, or points elsewhere, is invalid', async () => {
    const page = await ask((_asked, response) => void response.writeHead(404).end('<h1>Not found</h1>'));
    expect(page.code).toBe('endpoint-invalid');
    const elsewhere = await ask(
      (_asked, response) => void response.writeHead(307, { location: 'http://example.invalid/' }).end(),
    );
    expect([elsewhere.code, elsewhere.message]).toEqual([
      'endpoint-invalid',
      expect.stringMatching(/points to http:\/\/example\.invalid/),
    ]);
  });

  it('needs a key that is not set, or has it in its address, is refused without a request', () => {
    const open = (url: string, keyVariable: string | null) => () =>
      openEndpoint(choiceOf(url, { keyVariable }), {});
    expect(open('http://127.0.0.1:1/v1', 'NO_SUCH_KEY')).toThrow(/NO_SUCH_KEY/);
    expect(open('http://me:pass@127.0.0.1:1/v1', null)).toThrow(/variable/);
  });
});

describe('scores of an endpoint', () => {
  /** As servers with echo answer: one token per letter, log-probability -1, -2, … of the letters. */
  const echoing: Handler = ({ body }, response) => {
    const letters = [...String(body['prompt'])];
    const logprobs = {
      token_logprobs: [null, ...letters.slice(1).map((_letter, at) => -(at + 1)), -100],
      text_offset: [...letters, ''].map((_letter, at) => at),
    };
    sendJson(response, 200, {
      choices: [{ text: `${letters.join('')}!`, finish_reason: 'length', logprobs }],
    });
  };

  it('are the sums over the continuation, in code points, without the token after it', async () => {
    const { evaluator } = await opened(echoing);
    expect(await evaluator.score('a😀', ['b', 'bc'], settingsOf())).toEqual([-2, -5]);
  });

  it('are not supported without echo, by a chat interface, or for the first token of a text', async () => {
    const { evaluator } = await opened((_asked, response) => sendJson(response, 200, completion('b')));
    expect((await caughtAsync(() => evaluator.score('a', ['b'], settingsOf()))).code).toBe('not-supported');
    expect((await caughtAsync(() => evaluator.distributions('ab'))).code).toBe('not-supported');
    const chat = await opened(echoing, { api: 'chat' });
    const asked = chat.evaluator.score('a', ['b'], settingsOf({ template: 'chat' }));
    expect((await caughtAsync(() => asked)).code).toBe('not-supported');
    const first = await opened(echoing);
    expect((await caughtAsync(() => first.evaluator.score('', ['b'], settingsOf()))).code).toBe(
      'not-supported',
    );
  });
});

it('waits twice as long each time, between half and all of it, and never more than half a minute', () => {
  const lost = { kind: 'lost', why: '' } as const;
  const waits = (random: number) =>
    [0, 1, 2, 10].map((attempt) => retryDelay(attempt, lost, { random: () => random, now: () => 0 }));
  expect(waits(0)).toEqual([250, 500, 1000, 15_000]);
  expect(waits(1)).toEqual([500, 1000, 2000, 30_000]);
  const dated = new Headers({ 'retry-after': 'Thu, 01 Jan 2026 00:00:05 GMT' });
  const reply = { kind: 'reply', status: 503, text: '', headers: dated } as const;
  const now = () => Date.parse('2026-01-01T00:00:00Z');
  expect(retryDelay(0, reply, { random: () => 0, now })).toBe(5000);
});

import { describe, expect, it } from 'vitest';
import { ApiClient, type CallOptions } from '../../src-renderer/api/ApiClient.ts';
import { ApiFailure, type Problem } from '../../src-renderer/api/problem.ts';
import { takeToken } from '../../src-renderer/api/takeToken.ts';

interface Call {
  readonly path: string;
  readonly init: CallOptions;
}

function client(
  reply: () => Response | Promise<Response>,
  token: string | null = 'secret',
): { client: ApiClient; calls: Call[] } {
  const calls: Call[] = [];
  const fetch = async (path: string, init: CallOptions): Promise<Response> => {
    calls.push({ path, init });
    return reply();
  };
  return { client: new ApiClient(fetch, token), calls };
}

async function problemOf(call: Promise<unknown>): Promise<Problem> {
  const failure = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(failure instanceof ApiFailure)) throw new Error(`not an ApiFailure: ${String(failure)}`);
  return failure.problem;
}

const error = { code: 'not-found', message: 'gone', where: 'x', cause: 'c', remedy: 'r' };

describe('ApiClient', () => {
  it('sends the token, JSON bodies, and every value of a filter', async () => {
    const { client: api, calls } = client(() =>
      Response.json({ schema: 'polarimeter.rows/1', study: 's', rows: [] }),
    );
    await api.rows('id', { measure: ['a.b', 'c.d'], level: ['overall'] });
    const opening = client(() => Response.json({ id: 'x' }));
    expect(await opening.client.open('/a b')).toBe('x');
    expect([...calls, ...opening.calls]).toEqual([
      {
        path: '/api/studies/id/rows?measure=a.b&measure=c.d&level=overall',
        init: { headers: { authorization: 'Bearer secret' } },
      },
      {
        path: '/api/studies/open',
        init: {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: 'Bearer secret' },
          body: '{"path":"/a b"}',
        },
      },
    ]);
  });

  it('asks for the tensors of a study, and what is known of one', async () => {
    const tensors = {
      schema: 'polarimeter.tensors/1',
      study: 's',
      variants: [],
      layouts: [],
      fates: [],
      tensors: [],
    };
    const curves = { schema: 'polarimeter.curves/1', study: 's', tensor: 'a/b', curves: [] };
    const steps = {
      schema: 'polarimeter.steps/1',
      tensor: 'a/b',
      variant: 'rl 1',
      reference: 'base',
      invalid: 0,
      magnitudes: [],
    };
    const replies = [tensors, curves, steps];
    const { client: api, calls } = client(() => Response.json(replies[calls.length - 1]));
    expect(await api.tensors('id')).toEqual(tensors);
    expect(await api.curves('id', 'a/b')).toEqual([]);
    expect(await api.steps('id', { tensor: 'a/b', variant: 'rl 1' }, new AbortController().signal)).toEqual(
      steps,
    );
    expect(calls.map(({ path }) => path)).toEqual([
      '/api/studies/id/tensors',
      '/api/studies/id/curves?tensor=a%2Fb',
      '/api/studies/id/steps?tensor=a%2Fb&variant=rl+1',
    ]);
  });

  it('asks for the claims of a study', async () => {
    const document = { schema: 'polarimeter.claims/1', study: 's', conflicts: [], readings: [] };
    const { client: api, calls } = client(() => Response.json(document));
    expect(await api.claims('id')).toEqual(document);
    expect(calls.map(({ path }) => path)).toEqual(['/api/studies/id/claims']);
  });

  it('asks for a tile with every variant, and takes its size from the headers', async () => {
    const headers = { 'polarimeter-rows': '2', 'polarimeter-columns': '3' };
    const { client: api, calls } = client(() => new Response(Uint8Array.of(0, 1, 2, 3, 4, 255), { headers }));
    const { signal } = new AbortController();
    const asked = {
      tensor: 'a.b',
      variant: ['x', 'y'],
      reduce: 'consensus',
      level: 2,
      row: 0,
      column: 1,
    } as const;
    const tile = await api.tile('id', { ...asked, variant: [...asked.variant] }, signal);
    expect(tile).toEqual({ bytes: Uint8Array.of(0, 1, 2, 3, 4, 255), rows: 2, columns: 3 });
    expect(calls).toEqual([
      {
        path: '/api/studies/id/tile?variant=x&variant=y&tensor=a.b&reduce=consensus&level=2&row=0&column=1',
        init: { signal, headers: { authorization: 'Bearer secret' } },
      },
    ]);
  });

  it('takes no tile whose bytes are not rows times columns', async () => {
    const asked = { tensor: 't', variant: ['x'], reduce: 'steps', level: 0, row: 0, column: 0 } as const;
    for (const headers of [{}, { 'polarimeter-rows': '2', 'polarimeter-columns': '3' }]) {
      const { client: api } = client(() => new Response(Uint8Array.of(1, 2), { headers }));
      const call = api.tile('id', { ...asked, variant: ['x'] }, new AbortController().signal);
      const problem = await problemOf(call);
      expect(problem.code).toBe('unreadable');
      expect(problem.where).toContain('/tile?');
    }
  });

  it('asks for steps and for a weight', async () => {
    const steps = {
      schema: 'polarimeter.steps/1',
      tensor: 't',
      variant: 'x',
      reference: 'base',
      invalid: 0,
      magnitudes: [],
    };
    const weight = {
      schema: 'polarimeter.weight/1',
      tensor: 't',
      row: 1,
      column: 2,
      reference: 'NaN',
      variants: [],
    };
    const { signal } = new AbortController();
    const histogram = client(() => Response.json(steps));
    expect(await histogram.client.steps('id', { tensor: 't', variant: 'x' }, signal)).toEqual(steps);
    const single = client(() => Response.json(weight));
    const asked = { tensor: 't', variant: ['x', 'y'], row: 1, column: 2 };
    expect(await single.client.weight('id', asked, signal)).toEqual(weight);
    expect([...histogram.calls, ...single.calls].map(({ path }) => path)).toEqual([
      '/api/studies/id/steps?tensor=t&variant=x',
      '/api/studies/id/weight?variant=x&variant=y&tensor=t&row=1&column=2',
    ]);
  });

  it('sends no token where the desktop adds it', async () => {
    const { client: api, calls } = client(() => Response.json([]), null);
    await api.studies();
    expect(calls[0]!.init.headers).toEqual({});
  });

  it.each([
    ['an error of the engine as it is', () => Response.json({ error }, { status: 404 }), error],
    ['a refused connection', () => Promise.reject(new TypeError('fetch failed')), { code: 'unreachable' }],
    [
      'an error that is not JSON',
      () => new Response('<h1>Bad gateway</h1>', { status: 502 }),
      { code: 'unreadable' },
    ],
    ['a reply that is not JSON', () => new Response('<!doctype html>'), { code: 'unreadable' }],
    [
      'a reply of another shape',
      () => Response.json([{ id: 7 }]),
      { code: 'unreadable', where: '/api/studies: 0.id' },
    ],
  ])('reports %s', async (_, reply, expected) => {
    expect(await problemOf(client(reply).client.studies())).toMatchObject(expected);
  });
});

describe('takeToken', () => {
  function page(href: string): { token: string | null; shown: string[]; kept: Map<string, string> } {
    const shown: string[] = [];
    const kept = new Map<string, string>();
    const past = {
      replaceState: (_: unknown, __: string, url?: string | URL | null) => void shown.push(String(url)),
    };
    const session = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    return { token: takeToken({ href }, past, session), shown, kept };
  }

  it('takes it out of the address and keeps it for reloads', () => {
    const { token, shown, kept } = page('http://127.0.0.1:1/?token=abc#/study/x');
    expect([token, shown, [...kept.values()]]).toEqual(['abc', ['/#/study/x'], ['abc']]);
  });

  it('has none where none was ever given', () => {
    expect(page('http://127.0.0.1:1/')).toMatchObject({ token: null, shown: [] });
  });
});

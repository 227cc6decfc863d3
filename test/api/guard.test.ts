import { describe, expect, it } from 'vitest';
import { guard, loopbackAuthorities, newToken } from '../../src-main/api/guard.ts';
import { refusal } from './workbench.ts';

const token = newToken();
const reached = guard(() => Promise.resolve(new Response('reached')), {
  token,
  authorities: () => loopbackAuthorities(4711),
});

function ask(path: string, headers: Record<string, string>): Promise<Response> {
  return reached(new Request(`http://127.0.0.1:4711${path}`, { headers }));
}

const good = { host: '127.0.0.1:4711', authorization: `Bearer ${token}` };

describe('the guard lets its own page in', () => {
  it.each([
    ['by address', good],
    ['by name', { ...good, host: 'localhost:4711' }],
    ['by IPv6 address', { ...good, host: '[::1]:4711' }],
    ['in capitals', { ...good, host: 'LOCALHOST:4711' }],
    ['with its own origin', { ...good, origin: 'http://127.0.0.1:4711' }],
  ])('%s', async (_, headers) => {
    expect(await (await ask('/api/health', headers)).text()).toBe('reached');
  });

  it('and serves pages, which hold no secret, without the token', async () => {
    expect(await (await ask('/', { host: good.host })).text()).toBe('reached');
  });
});

describe('the guard keeps everyone else out', () => {
  it.each([
    ['a rebound name', { ...good, host: 'evil.example:4711' }, 403, 'origin-refused'],
    [
      'a rebound name that begins well',
      { ...good, host: '127.0.0.1.evil.example:4711' },
      403,
      'origin-refused',
    ],
    ['another port', { ...good, host: '127.0.0.1:4712' }, 403, 'origin-refused'],
    ['an empty host', { ...good, host: '' }, 403, 'origin-refused'],
    ['another site', { ...good, origin: 'https://evil.example' }, 403, 'origin-refused'],
    ['another port of this machine', { ...good, origin: 'http://127.0.0.1:3000' }, 403, 'origin-refused'],
    ['a sandboxed frame or file', { ...good, origin: 'null' }, 403, 'origin-refused'],
    ['https under the same name', { ...good, origin: 'https://127.0.0.1:4711' }, 403, 'origin-refused'],
    ['no token', { host: good.host }, 401, 'not-authorised'],
    ['an empty token', { host: good.host, authorization: 'Bearer ' }, 401, 'not-authorised'],
    ['a wrong token', { host: good.host, authorization: `Bearer ${newToken()}` }, 401, 'not-authorised'],
    [
      'half a token',
      { host: good.host, authorization: `Bearer ${token.slice(0, 20)}` },
      401,
      'not-authorised',
    ],
    ['another scheme', { host: good.host, authorization: `Basic ${token}` }, 401, 'not-authorised'],
  ])('%s', async (_, headers, status, code) => {
    expect(await refusal(await ask('/api/health', headers))).toMatchObject({ status, code });
  });

  it('does not take the token from the address of a call', async () => {
    expect(await refusal(await ask(`/api/health?token=${token}`, { host: good.host }))).toMatchObject({
      status: 401,
    });
  });

  it.each(['/api', '/api/', '/apianything', '/./api/health', '/x/../api/health'])(
    'guards %s',
    async (path) => {
      expect((await ask(path, { host: good.host })).status).toBe(401);
    },
  );
});

describe('newToken', () => {
  it('is 256 bits, new each time, and fits a header and an address', () => {
    const tokens = new Set(Array.from({ length: 100 }, newToken));
    expect(tokens.size).toBe(100);
    for (const each of tokens) expect(each).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});

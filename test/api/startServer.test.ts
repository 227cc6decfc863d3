import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHandler } from '../../src-main/api/createHandler.ts';
import { newToken } from '../../src-main/api/guard.ts';
import { startServer } from '../../src-main/api/startServer.ts';
import { StudyId } from '../../src-main/contract/routes.ts';
import { serve } from '../../src-main/serve.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { newStudy, workbench, type Workbench } from './workbench.ts';

const home = tempFolder();

const served = (bench: Workbench) => ({
  handler: createHandler(bench.services),
  endRequests: () => bench.hub.close(),
});

describe('the server on a real socket', () => {
  it('answers its page only, streams events, and closes with them', async () => {
    const bench = workbench(join(home, 'tcp'));
    const token = newToken();
    const server = await startServer({
      listen: { host: '127.0.0.1', port: 0 },
      token,
      ...served(bench),
    });
    const authorization = `Bearer ${token}`;
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${server.url}/api/health`)).status).toBe(401);
    const reply = await fetch(`${server.url}/api/health`, { headers: { authorization } });
    expect([reply.status, reply.headers.get('access-control-allow-origin')]).toEqual([200, null]);
    const foreign = await fetch(`${server.url}/api/health`, {
      headers: { authorization, origin: 'https://evil.example' },
    });
    expect(foreign.status).toBe(403);

    const { id } = StudyId.parse(await bench.post('/api/studies', newStudy(bench)));
    const events = await fetch(`${server.url}/api/studies/${id}/events`, { headers: { authorization } });
    const text = events.text();
    await server.close();
    expect(await text).toMatch(/^event: progress\ndata: \{"state":"idle"/);
  });

  it('stops sending when the reader hangs up', async () => {
    const bench = workbench(join(home, 'gone'));
    const token = newToken();
    const server = await startServer({
      listen: { host: '127.0.0.1', port: 0 },
      token,
      ...served(bench),
    });
    const { id } = StudyId.parse(await bench.post('/api/studies', newStudy(bench)));
    const leaving = new AbortController();
    const events = await fetch(`${server.url}/api/studies/${id}/events`, {
      headers: { authorization: `Bearer ${token}` },
      signal: leaving.signal,
    });
    await events.body!.getReader().read();
    expect(bench.hub.get(id).watchers).toBe(1);
    leaving.abort();
    await expect.poll(() => bench.hub.get(id).watchers).toBe(0);
    await server.close();
  });

  it('needs no token behind a private socket', async () => {
    const bench = workbench(join(home, 'socket'));
    const socketPath = join(home, 'engine.sock');
    const server = await startServer({ listen: { socketPath }, token: null, ...served(bench) });
    const status = await new Promise((resolve, reject) => {
      request({ socketPath, path: '/api/health' }, (reply) => {
        reply.resume();
        resolve(reply.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect([server.url, status]).toEqual([socketPath, 200]);
    await server.close();
    expect(existsSync(socketPath)).toBe(false);
  });

  it('refuses an open port without a token: that would be a bug', async () => {
    const bench = workbench(join(home, 'open'));
    const listen = { host: '127.0.0.1', port: 0 };
    await expect(startServer({ listen, token: null, ...served(bench) })).rejects.toThrow('without a token');
  });
});

describe('serve', () => {
  it.each(['0.0.0.0', '192.168.1.7', 'example.com', '::'])('refuses to listen on %s', async (host) => {
    await expect(serve({ host })).rejects.toMatchObject({ code: 'usage', where: host });
  });

  it('says so when the port is taken', async () => {
    const bench = workbench(join(home, 'taken'));
    const listen = { host: '127.0.0.1', port: 0 };
    const server = await startServer({ listen, token: newToken(), ...served(bench) });
    const port = Number(new URL(server.url).port);
    await expect(serve({ port })).rejects.toMatchObject({ code: 'usage', where: String(port) });
    await server.close();
  });

  it('announces one address whose token opens it, and ends cleanly', async () => {
    const stop = new AbortController();
    let address = '';
    const announced = Promise.withResolvers<undefined>();
    const served = serve({
      signal: stop.signal,
      announce: (line) => {
        address = line;
        announced.resolve(undefined);
      },
    });
    await announced.promise;
    const url = new URL(address);
    const authorization = `Bearer ${url.searchParams.get('token') ?? ''}`;
    const reply = await fetch(`${url.origin}/api/health`, { headers: { authorization } });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
    stop.abort();
    await served;
    await expect(fetch(url.origin)).rejects.toThrow('fetch failed');
  });
});

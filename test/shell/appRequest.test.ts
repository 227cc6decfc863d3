import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import { appRequest } from '../../src-main/shell/appRequest.ts';
import { APP_ORIGIN, isOwnAddress } from '../../src-main/shell/isOwnAddress.ts';
import { privateSocket } from '../../src-main/shell/privateSocket.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** An engine that answers with a listener, on a private socket as in the app. */
async function engineThat(answer: RequestListener) {
  const socket = privateSocket();
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(socket.socketPath, resolve));
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
    socket.remove();
  });
  return { address: () => Promise.resolve({ socketPath: socket.socketPath, token: 'secret' }) };
}

const ask = (path: string, init?: RequestInit): Request => new Request(`${APP_ORIGIN}${path}`, init);

describe('appRequest', () => {
  it('carries method, path, query, headers and body there, and status, headers and body back', async () => {
    let seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string } | null =
      null;
    const engine = await engineThat((request, reply) => {
      void text(request).then((body) => {
        seen = { method: request.method!, url: request.url!, headers: request.headers, body };
        reply
          .writeHead(201, { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] })
          .end('{"id":"x"}');
      });
    });
    const reply = await appRequest(
      engine,
      ask('/api/studies?name=%C3%A9', {
        method: 'POST',
        body: '{"name":"é"}',
        headers: { 'content-type': 'application/json', origin: APP_ORIGIN, authorization: 'Bearer forged' },
      }),
    );
    expect(seen).toMatchObject({
      method: 'POST',
      url: '/api/studies?name=%C3%A9',
      body: '{"name":"é"}',
      headers: { host: 'localhost', authorization: 'Bearer secret', 'content-type': 'application/json' },
    });
    expect(seen!.headers.origin).toBeUndefined();
    expect([reply.status, reply.headers.get('content-type'), await reply.json()]).toEqual([
      201,
      'application/json',
      { id: 'x' },
    ]);
    expect(reply.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('streams: the first event arrives while the reply is still open', async () => {
    let finish = (): void => undefined;
    const engine = await engineThat((_request, reply) => {
      reply.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      finish = () => reply.end('data: 2\n\n');
    });
    const reader = (await appRequest(engine, ask('/api/events'))).body!.getReader();
    const first = await reader.read();
    expect(new TextDecoder().decode(first.value as Uint8Array)).toBe('data: 1\n\n');
    finish();
    const second = await reader.read();
    expect(new TextDecoder().decode(second.value as Uint8Array)).toBe('data: 2\n\n');
    expect((await reader.read()).done).toBe(true);
  });

  it('closes the call to the engine when the page closes the stream', async () => {
    const closed = Promise.withResolvers<string>();
    const engine = await engineThat((_request, reply) => {
      reply.once('close', () => closed.resolve('closed'));
      reply.writeHead(200).write('data: 1\n\n');
    });
    const reply = await appRequest(engine, ask('/api/events'));
    await reply.body!.cancel();
    expect(await closed.promise).toBe('closed');
  });

  it('aborts the call to the engine when the page aborts, and rejects like a browser', async () => {
    const arrived = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<string>();
    const engine = await engineThat((_request, reply) => {
      arrived.resolve();
      reply.once('close', () => closed.resolve('closed'));
    });
    const abort = new AbortController();
    const reply = appRequest(engine, ask('/api/slow', { signal: abort.signal }));
    await arrived.promise;
    abort.abort();
    await expect(reply).rejects.toMatchObject({ name: 'AbortError' });
    expect(await closed.promise).toBe('closed');
  });

  it('gives a reply without a body for 204 and 304', async () => {
    const engine = await engineThat((request, reply) =>
      reply.writeHead(request.url === '/a' ? 204 : 304).end(),
    );
    const statuses = [await appRequest(engine, ask('/a')), await appRequest(engine, ask('/b'))];
    expect(statuses.map((reply) => [reply.status, reply.body])).toEqual([
      [204, null],
      [304, null],
    ]);
  });

  it('says engine-stopped when the engine hangs up, when nobody listens, and when it was given up', async () => {
    const hangsUp = await engineThat((request) => request.destroy());
    const nobody = { address: () => Promise.resolve({ socketPath: '/nonexistent/engine.sock', token: '' }) };
    const givenUp = {
      address: () => Promise.reject(new PolarimeterError('engine-stopped', 'it keeps ending')),
    };
    for (const engine of [hangsUp, nobody, givenUp]) {
      const reply = await appRequest(engine, ask('/api/health'));
      expect(reply.status).toBe(503);
      expect(await reply.json()).toMatchObject({
        error: { code: 'engine-stopped', remedy: expect.any(String) as string },
      });
    }
  });

  it('refuses addresses that are not the workbench', async () => {
    const engine = await engineThat((_request, reply) => reply.end('must not be reached'));
    const reply = await appRequest(engine, new Request('polarimeter-app://elsewhere/api/health'));
    expect(reply.status).toBe(403);
  });
});

describe('isOwnAddress', () => {
  it.each([
    ['polarimeter-app://workbench/', true],
    ['polarimeter-app://workbench/study/1?x#y', true],
    ['polarimeter-app://workbench.evil.example/', false],
    ['polarimeter-app://user@workbench/', true],
    ['polarimeter-app:workbench', false],
    ['https://workbench/', false],
    ['file:///etc/passwd', false],
    ['javascript:alert(1)', false],
    ['not an address', false],
  ])('%s is %s', (address, own) => expect(isOwnAddress(address)).toBe(own));
});

describe('privateSocket', () => {
  it('lies in a folder that only this user can enter, and leaves nothing behind', () => {
    const socket = privateSocket();
    expect(statSync(dirname(socket.socketPath)).mode & 0o777).toBe(0o700);
    // sun_path holds 104 bytes on macOS, 108 on Linux, with a closing zero.
    expect(Buffer.byteLength(socket.socketPath)).toBeLessThan(104);
    socket.remove();
    expect(() => statSync(dirname(socket.socketPath))).toThrow('ENOENT');
  });

  it('is a named pipe on Windows, another one each time', () => {
    const [one, other] = [privateSocket('win32').socketPath, privateSocket('win32').socketPath];
    expect(one).toMatch(/^\\\\\.\\pipe\\polarimeter-[0-9a-f]{32}$/);
    expect(one).not.toBe(other);
  });
});

import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineReply } from '../../src-main/shell/engineReply.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const home = tempFolder();

async function listening(name: string, answer: (server: Server) => void): Promise<string> {
  const socketPath = join(home, name);
  const server = createServer();
  answer(server);
  await once(server.listen(socketPath), 'listening');
  return socketPath;
}

const ask = (init: RequestInit = {}): Request => new Request('http://localhost/api/health', init);

describe('a request that comes while one engine is gone and the next one starts', () => {
  it('goes to the next one when it reached none', async () => {
    const next = await listening('next', (server) =>
      server.on('request', (_call, reply) => reply.end('hello')),
    );
    const addresses = [join(home, 'nobody'), next];
    const engine = {
      address: () => Promise.resolve({ socketPath: addresses.shift() ?? '', token: 't' }),
    };
    expect(await (await engineReply(engine, ask())).text()).toBe('hello');
    addresses.push(join(home, 'nobody'), next);
    const reply = await engineReply(engine, ask({ method: 'POST', body: '{}' }));
    expect(await reply.json()).toMatchObject({ error: { code: 'engine-stopped' } });
  });

  it('is not repeated when an engine died of it', async () => {
    let calls = 0;
    const dying = await listening('dying', (server) =>
      server.on('request', (call) => {
        calls++;
        call.socket.destroy();
      }),
    );
    const engine = { address: () => Promise.resolve({ socketPath: dying, token: 't' }) };
    expect((await engineReply(engine, ask())).status).toBe(503);
    expect(calls).toBe(1);
  });

  it('ends an event stream quietly when its engine dies, and breaks any other reply', async () => {
    const cut = (type: string) => (server: Server) =>
      server.on('request', (_call, reply) => {
        reply.writeHead(200, { 'content-type': type });
        reply.write('data: 1\n\n', () => reply.destroy());
      });
    const engine = (socketPath: string) => ({ address: () => Promise.resolve({ socketPath, token: 't' }) });
    const events = await engineReply(engine(await listening('events', cut('text/event-stream'))), ask());
    expect(await events.text()).toBe('data: 1\n\n');
    const json = await engineReply(engine(await listening('json', cut('application/json'))), ask());
    await expect(json.text()).rejects.toThrow();
  });
});

import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';

export interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Record<string, unknown>;
}

export type Handler = (asked: Asked, response: ServerResponse, count: number) => void | Promise<void>;

export interface EndpointServer {
  readonly url: string;
  readonly asked: Asked[];
  /** Requests answered at the same time, at most. */
  readonly mostAtOnce: () => number;
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const part of request) text += String(part);
  return JSON.parse(text) as Record<string, unknown>;
}

export function sendJson(response: ServerResponse, status: number, json: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
}

export const completion = (text: string, extra: Record<string, unknown> = {}) => ({
  choices: [{ text, finish_reason: 'stop', ...extra }],
  usage: { completion_tokens: text.length },
});

/** A server on a free port of this machine for one test. */
export async function serveEndpoint(handle: Handler): Promise<EndpointServer> {
  const asked: Asked[] = [];
  let [now, most] = [0, 0];
  const server = createServer((request, response) => {
    now += 1;
    most = Math.max(most, now);
    response.on('close', () => {
      now -= 1;
    });
    void bodyOf(request).then(async (body) => {
      const one = { path: request.url ?? '', authorization: request.headers.authorization, body };
      asked.push(one);
      await handle(one, response, asked.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}/v1`, asked, mostAtOnce: () => most };
}

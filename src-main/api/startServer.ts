import { createAdaptorServer } from '@hono/node-server';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assert } from '../base/assert.ts';
import { createHandler, type Services } from './createHandler.ts';
import { guard, loopbackAuthorities } from './guard.ts';

/** The Host that requests on a private socket carry, where there is no port. */
const SOCKET_AUTHORITY = 'localhost';

export interface ServerOptions {
  /** A port of 0 takes any free one. A socket path is for the desktop: its folder must be private (0700). */
  readonly listen: { readonly host: string; readonly port: number } | { readonly socketPath: string };
  /** Null only behind a private socket, whose folder is a guard by itself. */
  readonly token: string | null;
  readonly services: Services;
}

export interface RunningServer {
  /** "http://127.0.0.1:4711", or the socket path. */
  readonly url: string;
  /** Stops listening, cancels runs, ends event streams. */
  close(): Promise<void>;
}

/** Serves the handler over HTTP. Rejects with the system's error when the address cannot be bound (EADDRINUSE, EACCES). */
export async function startServer({ listen, token, services }: ServerOptions): Promise<RunningServer> {
  const handler = createHandler(services);
  let port = 0;
  const authorities = (): string[] => ('host' in listen ? loopbackAuthorities(port) : [SOCKET_AUTHORITY]);
  assert(token !== null || 'socketPath' in listen, 'a TCP port without a token');
  const fetch = token === null ? handler : guard(handler, { token, authorities });
  const server = createAdaptorServer({ fetch }) as Server;
  await bound(server, listen);
  if ('host' in listen) port = (server.address() as AddressInfo).port;
  return {
    url: 'socketPath' in listen ? listen.socketPath : `http://${bracketed(listen.host)}:${String(port)}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all([services.hub.close(), services.checkpoints.cancel()]);
      server.closeAllConnections();
      await closed;
    },
  };
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function bound(server: Server, listen: ServerOptions['listen']): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    if ('socketPath' in listen) server.listen(listen.socketPath);
    else server.listen(listen.port, listen.host);
  });
}

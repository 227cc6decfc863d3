import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** Where the engine process listens, and the secret of this launch. */
export interface EngineAddress {
  /** Unix socket in a private folder, or a Windows named pipe. */
  readonly socketPath: string;
  readonly token: string;
}

/** What the engine's guard expects as Host on its private socket. */
const SOCKET_HOST = 'localhost';

/** Headers that belong to one hop, or that say where the page thinks it is: the engine sees neither. */
const NOT_FORWARDED = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'host',
  'origin',
  'referer',
]);

/** Statuses whose reply may not have a body. */
const BODILESS = new Set([204, 205, 304]);

/**
 * Carries a request of the window to the engine over its private socket, and the reply back as a stream.
 * The secret is added here, so that the page never holds it. An aborted request is aborted there as well.
 * Rejects when the engine cannot be reached or hangs up before it replies.
 */
export function forwardRequest(engine: EngineAddress, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  return new Promise((resolve, reject) => {
    const call = httpRequest({
      socketPath: engine.socketPath,
      method: request.method,
      path: pathname + search,
      headers: forwardedHeaders(request, engine.token),
      signal: request.signal,
    });
    call.once('response', (reply) => {
      resolve(toResponse(reply));
    });
    call.once('error', reject);
    sendBody(request).pipe(call);
  });
}

function forwardedHeaders(request: Request, token: string): Record<string, string> {
  const kept = [...request.headers].filter(([name]) => !NOT_FORWARDED.has(name));
  return { ...Object.fromEntries(kept), host: SOCKET_HOST, authorization: `Bearer ${token}` };
}

function sendBody(request: Request): Readable {
  return request.body === null ? Readable.from([]) : Readable.fromWeb(request.body);
}

function toResponse(reply: IncomingMessage): Response {
  const status = reply.statusCode ?? 502;
  const headers = new Headers();
  for (const [name, values] of Object.entries(reply.headersDistinct)) {
    if (NOT_FORWARDED.has(name)) continue;
    for (const value of values ?? []) headers.append(name, value);
  }
  if (BODILESS.has(status)) {
    reply.resume();
    return new Response(null, { status, headers });
  }
  const body = Readable.toWeb(reply);
  const isEvents = headers.get('content-type') === 'text/event-stream';
  return new Response(isEvents ? untilBroken(body) : body, { status, headers });
}

/** Events of an engine that is gone are over, which is nothing to complain about: the page connects again. */
function untilBroken(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch {
        controller.close();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

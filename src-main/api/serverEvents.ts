/** What streams of server-sent events have in common. */
const encoder = new TextEncoder();

export const HEARTBEAT_MILLIS = 15_000;
const QUEUE = 8;

export type EventController = ReadableStreamDefaultController<Uint8Array>;

/** Whether the reader keeps up. */
export const isFree = (controller: EventController): boolean => (controller.desiredSize ?? 0) > 0;

export function sendEvent(controller: EventController, name: string, data: unknown): void {
  controller.enqueue(encoder.encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`));
}

/** Keeps port forwards from closing a quiet stream. */
export function sendComment(controller: EventController): void {
  controller.enqueue(encoder.encode(': still here\n\n'));
}

/** One reader of events. */
export interface EventSource {
  start(controller: EventController): void;
  pull(controller: EventController): void;
  cancel(): void;
}

export function eventReply(source: EventSource): Response {
  return new Response(new ReadableStream(source, { highWaterMark: QUEUE }), {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' },
  });
}

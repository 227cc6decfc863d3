import type { Progress } from '../contract/study.ts';

export interface ProgressSource {
  /** The newest event, sent first so that a late listener knows where things stand. */
  readonly latest: () => Progress;
  /** Returns the function that ends the subscription; onEnd is called when there will be no more events. */
  readonly subscribe: (listener: (progress: Progress) => void, onEnd: () => void) => () => void;
}

const HEARTBEAT_MILLIS = 15_000;
const QUEUE = 8;
const encoder = new TextEncoder();

/** One reader of a progress source. A slow reader gets the newest event instead of a growing queue. */
class ProgressStream {
  readonly #source: ProgressSource;
  readonly #heartbeatMillis: number;
  #pending: Progress | null = null;
  #end = (): void => undefined;

  constructor(source: ProgressSource, heartbeatMillis: number) {
    this.#source = source;
    this.#heartbeatMillis = heartbeatMillis;
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const free = (): boolean => (controller.desiredSize ?? 0) > 0;
    const send = (text: string): void => controller.enqueue(encoder.encode(text));
    const heartbeat = setInterval(() => {
      if (free()) send(': still here\n\n');
    }, this.#heartbeatMillis);
    const stop = this.#source.subscribe(
      (progress) => {
        if (free()) send(event(progress));
        else this.#pending = progress;
      },
      () => {
        this.#end();
        this.pull(controller);
        controller.close();
      },
    );
    this.#end = () => {
      clearInterval(heartbeat);
      stop();
    };
    send(event(this.#source.latest()));
  }

  pull(controller: ReadableStreamDefaultController<Uint8Array>): void {
    if (this.#pending === null) return;
    controller.enqueue(encoder.encode(event(this.#pending)));
    this.#pending = null;
  }

  cancel(): void {
    this.#end();
  }
}

function event(progress: Progress): string {
  return `event: progress\ndata: ${JSON.stringify(progress)}\n\n`;
}

/**
 * Server-sent events named "progress". A comment every 15 seconds keeps port forwards from closing a quiet stream. Ends when the
 * reader goes away or the source ends.
 */
export function eventStream(source: ProgressSource, heartbeatMillis = HEARTBEAT_MILLIS): Response {
  const body = new ReadableStream(new ProgressStream(source, heartbeatMillis), { highWaterMark: QUEUE });
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' },
  });
}

import type { LogEvent } from '../contract/routes.ts';
import { LOG_LINES, type LogLine } from '../contract/runLog.ts';
import type { Progress } from '../contract/study.ts';

/** Who watches a study. */
export interface StudyListener {
  readonly onProgress: (progress: Progress) => void;
  readonly onLog: (line: LogLine) => void;
  readonly onStudy: (revision: number) => void;
  /** There will be no more events. */
  readonly onEnd: () => void;
}

export interface StudySource {
  /** The newest progress, the present revision and what was logged: sent first, so that a late listener knows where things stand. */
  readonly latest: () => { progress: Progress; revision: number; log: readonly LogLine[] };
  /** Tells listeners what other processes did to the study meanwhile. */
  readonly follow: () => void;
  /** Returns the function that ends the subscription. */
  readonly subscribe: (listener: StudyListener) => () => void;
}

const HEARTBEAT_MILLIS = 15_000;
/** Lines of the log are sent together, at most this often. */
const LOG_MILLIS = 100;
const QUEUE = 8;
const encoder = new TextEncoder();

/** One reader of a study. A slow reader gets the newest progress and the newest lines instead of a growing queue. */
class EventStream {
  readonly #source: StudySource;
  readonly #heartbeatMillis: number;
  #progress: Progress | null = null;
  #revision: number | null = null;
  #lines: LogLine[] = [];
  #logTimer: NodeJS.Timeout | null = null;
  #end = (): void => undefined;

  constructor(source: StudySource, heartbeatMillis: number) {
    this.#source = source;
    this.#heartbeatMillis = heartbeatMillis;
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const heartbeat = setInterval(() => {
      this.#source.follow();
      if (isFree(controller)) send(controller, ': still here\n\n');
    }, this.#heartbeatMillis);
    const stop = this.#source.subscribe({
      onProgress: (progress) => {
        this.#progress = progress;
        if (isFree(controller)) this.#flush(controller);
      },
      onStudy: (revision) => {
        this.#revision = revision;
        if (isFree(controller)) this.#flush(controller);
      },
      onLog: (line) => this.#collect(controller, line),
      onEnd: () => {
        this.#end();
        this.#flush(controller);
        this.#flushLog(controller);
        controller.close();
      },
    });
    this.#end = () => {
      clearInterval(heartbeat);
      if (this.#logTimer) clearTimeout(this.#logTimer);
      stop();
    };
    const { progress, revision, log } = this.#source.latest();
    this.#progress = progress;
    this.#revision = revision;
    this.#flush(controller);
    send(controller, event('log', { replay: true, lines: [...log] } satisfies LogEvent));
  }

  pull(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#flush(controller);
    if (this.#logTimer === null) this.#flushLog(controller);
  }

  cancel(): void {
    this.#end();
  }

  #collect(controller: ReadableStreamDefaultController<Uint8Array>, line: LogLine): void {
    this.#lines.push(line);
    if (this.#lines.length > 2 * LOG_LINES) this.#lines.splice(0, LOG_LINES);
    this.#logTimer ??= setTimeout(() => {
      this.#logTimer = null;
      if (isFree(controller)) this.#flushLog(controller);
    }, LOG_MILLIS);
  }

  // To send calls `pull` at once when a reader waits: what is sent is taken out first, or it would go twice.
  #flush(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const [progress, revision] = [this.#progress, this.#revision];
    this.#progress = null;
    this.#revision = null;
    if (progress !== null) send(controller, event('progress', progress));
    if (revision !== null) send(controller, event('study', { revision }));
  }

  #flushLog(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const lines = this.#lines;
    if (lines.length === 0) return;
    this.#lines = [];
    send(controller, event('log', { replay: false, lines } satisfies LogEvent));
  }
}

const isFree = (controller: ReadableStreamDefaultController<Uint8Array>): boolean =>
  (controller.desiredSize ?? 0) > 0;

function send(controller: ReadableStreamDefaultController<Uint8Array>, text: string): void {
  controller.enqueue(encoder.encode(text));
}

function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/**
 * Server-sent events "progress", "study" and "log". Every 15 seconds other processes are looked for, and a comment keeps port forwards from
 * closing a quiet stream. Ends when the reader goes away or the source ends.
 */
export function eventStream(source: StudySource, heartbeatMillis = HEARTBEAT_MILLIS): Response {
  const body = new ReadableStream(new EventStream(source, heartbeatMillis), { highWaterMark: QUEUE });
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' },
  });
}

import type { LogEvent } from '../contract/routes.ts';
import { LOG_LINES, type LogLine } from '../contract/runLog.ts';
import type { Progress } from '../contract/study.ts';
import {
  eventReply,
  type EventController,
  HEARTBEAT_MILLIS,
  isFree,
  sendComment,
  sendEvent,
} from './serverEvents.ts';

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

/** Lines of the log are sent together, at most this often. */
const LOG_MILLIS = 100;

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

  start(controller: EventController): void {
    const heartbeat = setInterval(() => {
      this.#source.follow();
      if (isFree(controller)) sendComment(controller);
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
    sendEvent(controller, 'log', { replay: true, lines: [...log] } satisfies LogEvent);
  }

  pull(controller: EventController): void {
    this.#flush(controller);
    if (this.#logTimer === null) this.#flushLog(controller);
  }

  cancel(): void {
    this.#end();
  }

  #collect(controller: EventController, line: LogLine): void {
    this.#lines.push(line);
    if (this.#lines.length > 2 * LOG_LINES) this.#lines.splice(0, LOG_LINES);
    this.#logTimer ??= setTimeout(() => {
      this.#logTimer = null;
      if (isFree(controller)) this.#flushLog(controller);
    }, LOG_MILLIS);
  }

  // To send calls `pull` at once when a reader waits: what is sent is taken out first, or it would go twice.
  #flush(controller: EventController): void {
    const [progress, revision] = [this.#progress, this.#revision];
    this.#progress = null;
    this.#revision = null;
    if (progress !== null) sendEvent(controller, 'progress', progress);
    if (revision !== null) sendEvent(controller, 'study', { revision });
  }

  #flushLog(controller: EventController): void {
    const lines = this.#lines;
    if (lines.length === 0) return;
    this.#lines = [];
    sendEvent(controller, 'log', { replay: false, lines } satisfies LogEvent);
  }
}

/**
 * Server-sent events "progress", "study" and "log". Every 15 seconds other processes are looked for, and a comment keeps port forwards from
 * closing a quiet stream. Ends when the reader goes away or the source ends.
 */
export function eventStream(source: StudySource, heartbeatMillis = HEARTBEAT_MILLIS): Response {
  return eventReply(new EventStream(source, heartbeatMillis));
}

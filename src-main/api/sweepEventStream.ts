import type { ExportState } from '../contract/exportState.ts';
import type { SweepProgress } from '../contract/sweep.ts';
import type { RunningSweep } from './RunningSweep.ts';
import {
  eventReply,
  type EventController,
  HEARTBEAT_MILLIS,
  isFree,
  sendComment,
  sendEvent,
} from './serverEvents.ts';

/** Progress is sent at most this often: every answer moves it. */
const PROGRESS_MILLIS = 100;

type Source = Pick<RunningSweep, 'latest' | 'subscribe' | 'follow'>;

/** One reader of a sweep. A slow reader gets the newest state instead of a growing queue. */
class SweepEventStream {
  readonly #source: Source;
  readonly #heartbeatMillis: number;
  #progress: SweepProgress | null = null;
  #revision: number | null = null;
  #exported: ExportState | null = null;
  #timer: NodeJS.Timeout | null = null;
  #end = (): void => undefined;

  constructor(source: Source, heartbeatMillis: number) {
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
        this.#soon(controller);
      },
      onResults: (revision) => {
        this.#revision = revision;
        this.#soon(controller);
      },
      onExport: (state) => {
        this.#exported = state;
        this.#soon(controller);
      },
      onEnd: () => {
        this.#end();
        this.#flush(controller);
        controller.close();
      },
    });
    this.#end = () => {
      clearInterval(heartbeat);
      if (this.#timer) clearTimeout(this.#timer);
      stop();
    };
    ({
      progress: this.#progress,
      revision: this.#revision,
      exported: this.#exported,
    } = this.#source.latest());
    this.#flush(controller);
  }

  pull(controller: EventController): void {
    if (this.#timer === null) this.#flush(controller);
  }

  cancel(): void {
    this.#end();
  }

  /** What comes within a tenth of a second goes together. */
  #soon(controller: EventController): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (isFree(controller)) this.#flush(controller);
    }, PROGRESS_MILLIS);
  }

  // To send calls `pull` at once when a reader waits: what is sent is taken out first, or it would go twice.
  #flush(controller: EventController): void {
    const [progress, revision, exported] = [this.#progress, this.#revision, this.#exported];
    this.#progress = null;
    this.#revision = null;
    this.#exported = null;
    if (progress !== null) sendEvent(controller, 'progress', progress);
    if (revision !== null) sendEvent(controller, 'results', { revision });
    if (exported !== null) sendEvent(controller, 'export', exported);
  }
}

/** Server-sent events "progress", "results" and "export" of a sweep, see contract/sweepEvents.ts. Ends when the reader goes away or the sweep is closed. */
export function sweepEventStream(source: Source, heartbeatMillis = HEARTBEAT_MILLIS): Response {
  return eventReply(new SweepEventStream(source, heartbeatMillis));
}

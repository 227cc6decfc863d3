import { LogEvent, StudyRevision } from '../../src-main/contract/routes.ts';
import type { LogLine } from '../../src-main/contract/runLog.ts';
import { Progress } from '../../src-main/contract/study.ts';
import type { ApiClient } from './ApiClient.ts';
import { ApiFailure, type Problem, UNREACHABLE } from './problem.ts';
import { serverSentEvents, type ServerSentEvent } from './serverSentEvents.ts';

export interface ProgressWatcher {
  onProgress(progress: Progress): void;
  /** @param isReplay the lines take the place of all that came before: the connection is new */
  onLog?(lines: readonly LogLine[], isReplay: boolean): void;
  /** The revision of the study: once at every connection, and whenever it was edited or run, wherever that was asked for. */
  onStudy?(revision: number): void;
  /** Null when connected; else why not. The watch goes on unless the problem is final. */
  onConnection(problem: Problem | null): void;
}

const FIRST_PAUSE = 400;
const LONGEST_PAUSE = 5000;
/** Trying again does not help against these. */
const FINAL = new Set(['not-found', 'not-authorised', 'origin-refused']);

function pause(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, millis);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function pass({ event, data }: ServerSentEvent, watcher: ProgressWatcher): void {
  const value: unknown = JSON.parse(data);
  if (event === 'progress') watcher.onProgress(Progress.parse(value));
  if (event === 'study') watcher.onStudy?.(StudyRevision.parse(value).revision);
  if (event !== 'log') return;
  const { lines, replay } = LogEvent.parse(value);
  watcher.onLog?.(lines, replay);
}

/** Follows the progress of a study until the signal is aborted, and comes back after every interruption. */
export async function watchProgress(
  client: Pick<ApiClient, 'events'>,
  id: string,
  watcher: ProgressWatcher,
  signal: AbortSignal,
): Promise<void> {
  let wait = FIRST_PAUSE;
  while (!signal.aborted) {
    let problem = UNREACHABLE;
    try {
      for await (const event of serverSentEvents(await client.events(id, signal))) {
        wait = FIRST_PAUSE;
        watcher.onConnection(null);
        pass(event, watcher);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiFailure) problem = error.problem;
    }
    if (signal.aborted) return;
    watcher.onConnection(problem);
    if (FINAL.has(problem.code)) return;
    await pause(wait, signal);
    wait = Math.min(LONGEST_PAUSE, wait * 2);
  }
}

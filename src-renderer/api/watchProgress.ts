import { LogEvent, StudyRevision } from '../../src-main/contract/routes.ts';
import type { LogLine } from '../../src-main/contract/runLog.ts';
import { Progress } from '../../src-main/contract/study.ts';
import type { ApiClient } from './ApiClient.ts';
import { followEvents } from './followEvents.ts';
import type { Problem } from './problem.ts';
import type { ServerSentEvent } from './serverSentEvents.ts';

export interface ProgressWatcher {
  onProgress(progress: Progress): void;
  /** @param isReplay the lines take the place of all that came before: the connection is new */
  onLog?(lines: readonly LogLine[], isReplay: boolean): void;
  /** The revision of the study: once at every connection, and whenever it was edited or run, wherever that was asked for. */
  onStudy?(revision: number): void;
  /** Null when connected; else why not. The watch goes on unless the problem is final. */
  onConnection(problem: Problem | null): void;
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
  await followEvents(
    {
      open: (opened) => client.events(id, opened),
      pass: (event) => pass(event, watcher),
      onConnection: (problem) => watcher.onConnection(problem),
    },
    signal,
  );
}

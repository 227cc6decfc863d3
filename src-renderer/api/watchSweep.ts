import { ExportState } from '../../src-main/contract/exportState.ts';
import { SweepProgress } from '../../src-main/contract/sweep.ts';
import { SweepRevision } from '../../src-main/contract/sweepEvents.ts';
import { followEvents } from './followEvents.ts';
import type { LabClient } from './LabClient.ts';
import type { Problem } from './problem.ts';

export interface SweepWatcher {
  onProgress(progress: SweepProgress): void;
  /** Once at every connection, and whenever a trial has begun or ended. */
  onResults(revision: number): void;
  onExport(state: ExportState): void;
  onConnection(problem: Problem | null): void;
}

/** Follows a sweep until the signal is aborted. */
export function watchSweep(
  client: Pick<LabClient, 'events'>,
  sweep: string,
  watcher: SweepWatcher,
  signal: AbortSignal,
): Promise<void> {
  return followEvents(
    {
      open: (opened) => client.events(sweep, opened),
      pass: ({ event, data }) => {
        const value: unknown = JSON.parse(data);
        if (event === 'progress') watcher.onProgress(SweepProgress.parse(value));
        if (event === 'results') watcher.onResults(SweepRevision.parse(value).revision);
        if (event === 'export') watcher.onExport(ExportState.parse(value));
      },
      onConnection: (problem) => watcher.onConnection(problem),
    },
    signal,
  );
}

import { ApiFailure, type Problem, UNREACHABLE } from './problem.ts';
import { serverSentEvents, type ServerSentEvent } from './serverSentEvents.ts';

export interface EventFollower {
  readonly open: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;
  readonly pass: (event: ServerSentEvent) => void;
  /** Null when connected; else why not. The watch goes on unless the problem is final. */
  readonly onConnection: (problem: Problem | null) => void;
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

/** Follows a stream of events until the signal is aborted, and comes back after every interruption. */
export async function followEvents(
  { open, pass, onConnection }: EventFollower,
  signal: AbortSignal,
): Promise<void> {
  let wait = FIRST_PAUSE;
  while (!signal.aborted) {
    let problem = UNREACHABLE;
    try {
      for await (const event of serverSentEvents(await open(signal))) {
        wait = FIRST_PAUSE;
        onConnection(null);
        pass(event);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiFailure) problem = error.problem;
    }
    if (signal.aborted) return;
    onConnection(problem);
    if (FINAL.has(problem.code)) return;
    await pause(wait, signal);
    wait = Math.min(LONGEST_PAUSE, wait * 2);
  }
}

import process from 'node:process';
import type { Terminal } from './Terminal.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs a job that Ctrl-C cancels cleanly. A second Ctrl-C ends the process at once, without waiting for native threads: results that
 * were finished are stored, and the study can be resumed.
 */
export async function withInterrupt<T>(
  terminal: Terminal,
  job: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const interrupt = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      for (const name of SIGNALS) process.removeAllListeners(name);
      process.kill(process.pid, signal);
      return;
    }
    terminal.err('\nCancelling; what is stored already stays. Press Ctrl-C again to stop at once.\n');
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    return await job(controller.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, interrupt);
  }
}

import { interruptionError } from '../study/interruptionError.ts';
import { interruptedRun } from '../study/RunLock.ts';
import { printable } from './printable.ts';
import type { Terminal } from './Terminal.ts';

/** Says on stderr that the last run of a study was cut off, where it was: what is shown may be only a part. */
export function mentionInterruption(terminal: Terminal, folder: string): void {
  const interruption = interruptedRun(folder);
  if (interruption === null) return;
  const { message, where, cause, remedy } = interruptionError(interruption).body;
  terminal.err(`interrupted: ${message}\n`);
  if (where !== null) terminal.err(`  where:  ${printable(where)}\n`);
  terminal.err(`  cause:  ${cause}\n  remedy: ${remedy}\n`);
}

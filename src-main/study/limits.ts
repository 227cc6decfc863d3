import { availableParallelism, totalmem } from 'node:os';
import { readFileSync } from 'node:fs';
import type { RunLimits } from '../contract/study.ts';

const GIB = 2 ** 30;

/** What the process itself needs, outside the workspace of the decompositions. */
export const PROCESS_BYTES = 256 * 2 ** 20;

/** Half the machine's memory, 8 GiB at most, and every core. */
export function defaultLimits(): RunLimits {
  return { memoryBytes: Math.min(8 * GIB, Math.floor(totalmem() / 2)), threads: availableParallelism() };
}

/** Resident memory of this process that no file backs, in bytes; null where the system does not tell. */
export function anonymousBytes(): number | null {
  try {
    const match = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return match ? Number(match[1]) * 1024 : null;
  } catch {
    return null;
  }
}

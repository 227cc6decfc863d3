import { closeSync, fstatSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { LogLine } from '../contract/runLog.ts';

/** The log of a study and the one before it, in its folder. */
export const LOG_FILES = ['run.log', 'run.log.1'] as const;

/** When it has grown to this, a new one is begun and the old one is kept as run.log.1. */
const LARGEST_BYTES = 8 * 2 ** 20;

type Entry = Pick<LogLine, 'event' | 'message'> & Partial<Pick<LogLine, 'level' | 'tensor' | 'millis'>>;

/**
 * The log of the runs of a study: every line goes to a listener and, as a line of JSON, to run.log in the study folder. A log that cannot be
 * written does not end the run: it says so in a line of its own, and goes on for the listener.
 */
export class RunLog implements Disposable {
  readonly #folder: string;
  readonly #largest: number;
  readonly #onLine: (line: LogLine) => void;
  #file: number | null = null;
  #size = 0;
  #isBroken = false;

  constructor(folder: string, onLine: (line: LogLine) => void, largestBytes = LARGEST_BYTES) {
    this.#folder = folder;
    this.#onLine = onLine;
    this.#largest = largestBytes;
  }

  write({ level = 'info', tensor = null, millis = null, event, message }: Entry): void {
    const line: LogLine = { ts: new Date().toISOString(), level, event, tensor, millis, message };
    this.#onLine(line);
    if (this.#isBroken) return;
    try {
      this.#append(`${JSON.stringify(line)}\n`);
    } catch (error) {
      this.#isBroken = true;
      this.write({
        level: 'warning',
        event: 'not-written',
        message: `run.log cannot be written: ${String(error)}`,
      });
    }
  }

  [Symbol.dispose](): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #append(text: string): void {
    const bytes = Buffer.from(text);
    this.#file ??= this.#open();
    if (this.#size > 0 && this.#size + bytes.length > this.#largest) this.#rotate();
    writeSync(this.#file, bytes);
    this.#size += bytes.length;
  }

  #open(): number {
    const file = openSync(join(this.#folder, LOG_FILES[0]), 'a+');
    this.#size = fstatSync(file).size;
    // A process that was killed while it wrote left half a line; it must not spoil the next one.
    const last = Buffer.alloc(1);
    if (this.#size > 0 && readSync(file, last, 0, 1, this.#size - 1) === 1 && last[0] !== 0x0a) {
      writeSync(file, '\n');
      this.#size += 1;
    }
    return file;
  }

  #rotate(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    renameSync(join(this.#folder, LOG_FILES[0]), join(this.#folder, LOG_FILES[1]));
    this.#file = this.#open();
  }
}

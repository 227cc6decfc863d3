import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const LARGEST_BYTES = 2 ** 20;

/** What the shell and the engine print, in a file that a user can send: polarimeter.log of a folder, and the one before it. */
export class LogFile {
  readonly folder: string;
  readonly #path: string;
  readonly #print: (text: string) => void;
  readonly #largest: number;

  constructor(folder: string, print: (text: string) => void, largestBytes = LARGEST_BYTES) {
    this.folder = folder;
    this.#print = print;
    this.#path = join(folder, 'polarimeter.log');
    this.#largest = largestBytes;
  }

  /** Prints the text as well: where no file can be written, that is all. */
  write(text: string): void {
    this.#print(text);
    try {
      mkdirSync(this.folder, { recursive: true });
      if ((statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0) + text.length > this.#largest)
        renameSync(this.#path, `${this.#path}.1`);
      appendFileSync(this.#path, text);
    } catch (error) {
      this.#print(`polarimeter: the log cannot be written: ${String(error)}\n`);
    }
  }

  line(message: string): void {
    this.write(`${new Date().toISOString()} ${message}\n`);
  }
}

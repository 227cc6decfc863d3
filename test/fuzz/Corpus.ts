import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The kept inputs of one parser, one file each, named after their content. */
export class Corpus {
  readonly folder: string;

  constructor(name: string) {
    this.folder = join(import.meta.dirname, 'corpus', name);
  }

  /** In the order of their names. */
  read(): Buffer[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder)
      .sort()
      .map((file) => readFileSync(join(this.folder, file)));
  }

  /** Keeps an input that a parser failed on; returns its path. */
  addFailure(input: Uint8Array): string {
    return this.#write(`failed-${nameOf(input)}`, input);
  }

  /** These inputs and the failed ones, and no others. */
  replace(inputs: readonly Uint8Array[]): void {
    mkdirSync(this.folder, { recursive: true });
    for (const file of readdirSync(this.folder))
      if (!file.startsWith('failed-')) rmSync(join(this.folder, file));
    for (const input of inputs) this.#write(nameOf(input), input);
  }

  #write(name: string, input: Uint8Array): string {
    mkdirSync(this.folder, { recursive: true });
    const path = join(this.folder, name);
    writeFileSync(path, input);
    return path;
  }
}

const nameOf = (input: Uint8Array): string => createHash('sha256').update(input).digest('hex').slice(0, 12);

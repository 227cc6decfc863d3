import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writing } from '../study/fileErrors.ts';

const RootsFile = z.object({ schema: z.literal('polarimeter.roots/1'), roots: z.array(z.string()) });

/** The folders that the user has named as holding checkpoints, in roots.json of the state folder. */
export class OwnRoots {
  readonly #folder: string;
  readonly #file: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = join(folder, 'roots.json');
  }

  /** A missing or damaged list is empty. */
  list(): readonly string[] {
    try {
      return RootsFile.parse(JSON.parse(readFileSync(this.#file, 'utf8'))).roots;
    } catch {
      return [];
    }
  }

  /** Fails with `study-read-only`, `disk-full` where the state folder cannot be written. */
  set(roots: readonly string[]): void {
    writing(this.#file, () => {
      mkdirSync(this.#folder, { recursive: true });
      const temporary = `${this.#file}.${String(process.pid)}.tmp`;
      writeFileSync(temporary, `${JSON.stringify({ schema: 'polarimeter.roots/1', roots }, null, 2)}\n`);
      renameSync(temporary, this.#file);
    });
  }
}

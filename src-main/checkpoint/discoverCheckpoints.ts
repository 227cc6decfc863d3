import { readdirSync, realpathSync, statSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import type { Inspection } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { explainFolder } from './explainFolder.ts';
import { accessing } from './fileErrors.ts';
import { findFolderWeights } from './findWeights.ts';
import { huggingFaceCache } from './huggingFaceCache.ts';
import { naturalOrder } from './naturalOrder.ts';
import { openCheckpoint } from './openCheckpoint.ts';
import { quoteName } from './quoteName.ts';

type Collection = Extract<Inspection, { kind: 'collection' }>;

/** A folder below a root that is no checkpoint although it looks like one. */
export interface Rejection {
  readonly path: string;
  readonly error: PolarimeterError;
}

export interface Discovery {
  readonly found: Collection['found'];
  readonly rejected: readonly Rejection[];
}

const DEEPEST = 8;
const MOST_FOLDERS = 20_000;
/** Folders inside a repository of a Hugging Face cache that hold no checkpoint under its own name. */
const CACHE_INNARDS = new Set(['blobs', 'refs', 'trees']);

/** Paths in a folder that are folders or may link to one, in natural order. */
function subfolders(folder: string, content: readonly Dirent[]): string[] {
  const isRepository = content.some(({ name }) => name === 'snapshots');
  return content
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('.') && !(isRepository && CACHE_INNARDS.has(name)))
    .sort(naturalOrder)
    .map((name) => join(folder, name));
}

/** Walks folders, each real folder once however many links lead to it. */
class Walk {
  readonly #found: Collection['found'] = [];
  readonly #rejected: Rejection[] = [];
  readonly #visited = new Set<string>();

  search(root: string): void {
    try {
      this.#visit(root, []);
    } catch (error) {
      if (!(error instanceof PolarimeterError)) throw error;
      this.#rejected.push({ path: root, error });
    }
  }

  #visit(folder: string, parents: readonly string[]): void {
    const real = accessing(folder, () => realpathSync(folder));
    if (
      parents.some((parent) => parent === real || parent.startsWith(real.endsWith(sep) ? real : real + sep))
    ) {
      const what = `${quoteName(folder)} is a symbolic link to ${quoteName(real)}, which contains it`;
      throw new PolarimeterError('directory-loop', what, folder);
    }
    if (this.#visited.has(real) || parents.length > DEEPEST || this.#visited.size > MOST_FOLDERS) return;
    this.#visited.add(real);
    if (this.#visited.size > MOST_FOLDERS) {
      const what = `the search ended here, after ${String(MOST_FOLDERS)} folders; name a folder further down`;
      throw new PolarimeterError('not-a-checkpoint', what, folder);
    }
    const content = accessing(folder, () => readdirSync(folder, { withFileTypes: true }));
    const names = content.map(({ name }) => name).sort(naturalOrder);
    this.#guard(folder, () => this.#look(folder, names));
    for (const path of subfolders(folder, content)) {
      this.#guard(path, () => {
        if (accessing(path, () => statSync(path)).isDirectory()) this.#visit(path, [...parents, real]);
      });
    }
  }

  get result(): Discovery {
    const byPath = (a: { path: string }, b: { path: string }): number => naturalOrder(a.path, b.path);
    return { found: this.#found.toSorted(byPath), rejected: this.#rejected.toSorted(byPath) };
  }

  #look(folder: string, names: readonly string[]): void {
    if (!findFolderWeights(folder, names)) {
      const reason = explainFolder(folder, names);
      if (reason) throw reason;
      return;
    }
    const { path, title, format, step } = openCheckpoint(folder);
    this.#found.push({ path, title, format, step });
  }

  #guard(path: string, look: () => void): void {
    try {
      look();
    } catch (error) {
      if (!(error instanceof PolarimeterError)) throw error;
      // A name that vanished meanwhile, or a link to nothing, has nothing to do with checkpoints.
      if (error.code !== 'path-not-found') this.#rejected.push({ path, error });
    }
  }
}

/**
 * Checkpoints in and below folders, in natural order of their paths, with the reason for each folder that looks like a
 * checkpoint and is none. Symbolic links are followed once; hidden folders, and more than 8 levels, are not.
 */
export function discoverCheckpoints(roots: readonly string[] = [huggingFaceCache()]): Discovery {
  const walk = new Walk();
  for (const root of roots) walk.search(resolve(root));
  return walk.result;
}

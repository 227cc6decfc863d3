import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import { systemCode } from './fileErrors.ts';
import { naturalOrder } from './naturalOrder.ts';
import { readTextFile } from './readTextFile.ts';

const DEEPEST = 4;
const MOST_REFS = 1000;
const LONGEST_REF = 1000;

function unlessBlocked<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch (error) {
    if (error instanceof PolarimeterError || systemCode(error) !== null) return otherwise;
    throw error;
  }
}

/** Files below a folder, by their paths from there; refs/pr/1 is one. */
function filesBelow(folder: string, depth: number): string[] {
  const entries = unlessBlocked(() => readdirSync(folder, { withFileTypes: true }), []).slice(0, MOST_REFS);
  return entries.flatMap((entry) => {
    if (!entry.isDirectory()) return [entry.name];
    if (depth === DEEPEST) return [];
    return filesBelow(join(folder, entry.name), depth + 1).map((name) => `${entry.name}/${name}`);
  });
}

/**
 * Names of the refs of a Hugging Face cache that point at a snapshot, e.g. ["main"], in natural order. Empty for any
 * other folder.
 */
export function snapshotRefs(snapshot: string): string[] {
  const folder = dirname(snapshot);
  if (basename(folder) !== 'snapshots') return [];
  const refs = join(dirname(folder), 'refs');
  const commit = basename(snapshot);
  return filesBelow(refs, 0)
    .slice(0, MOST_REFS)
    .filter((name) => {
      const read = (): string => readTextFile(join(refs, name), LONGEST_REF, 'path-not-readable');
      return unlessBlocked(read, '').trim() === commit;
    })
    .sort(naturalOrder);
}

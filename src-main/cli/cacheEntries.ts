import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheDocument } from './recipeDocuments.ts';

type Entry = CacheDocument['entries'][number];

/** What the folders of the work folder hold. */
const KINDS: Readonly<Record<string, string>> = {
  tensors: 'tensors made for recipes',
  content: 'remembered content hashes',
  models: 'converted models',
};

function sizes(folder: string): number[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sizes(path) : [lstatSync(path, { throwIfNoEntry: false })?.size ?? 0];
  });
}

/** What lies in the work folder, by the folders in it; nothing where it is not there yet. */
export function cacheEntries(folder: string): Entry[] {
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => {
    const all = sizes(join(folder, name));
    return { kind: KINDS[name] ?? name, files: all.length, bytes: all.reduce((sum, size) => sum + size, 0) };
  });
}

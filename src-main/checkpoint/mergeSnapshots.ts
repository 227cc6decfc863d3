import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { snapshotRefs } from './snapshotRefs.ts';

interface Listed {
  readonly path: string;
  readonly title: string;
}

/** A checkpoint that was found, and the files that hold its tensors. */
export interface FoundFiles<Entry extends Listed> {
  readonly entry: Entry;
  readonly files: readonly string[];
}

/** Folder of the snapshot that a path lies in, itself included; null outside Hugging Face caches. */
function snapshotOf(path: string): string | null {
  for (let folder = path; dirname(folder) !== folder; folder = dirname(folder)) {
    const parent = dirname(folder);
    if (basename(parent) === 'snapshots' && basename(dirname(parent)).startsWith('models--')) return folder;
  }
  return null;
}

/** The same for snapshots of one repository whose files are the same on disk, by links of either kind. */
function identity(snapshot: string, { entry, files }: FoundFiles<Listed>): string {
  const found = files.map((file) => {
    const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
    return stat ? `${String(stat.dev)}:${String(stat.ino)}` : file;
  });
  return [dirname(snapshot), entry.path.slice(snapshot.length), ...found.sort()].join('\0');
}

const rank = (refs: readonly string[]): number => (refs.includes('main') ? 2 : Math.min(1, refs.length));

/**
 * Lists a checkpoint of a Hugging Face cache once, however many of its snapshots hold the same files, and names the refs
 * that point at it: `org/name@abcdef1 (main)`. Of several snapshots the one of main counts.
 */
export function mergeSnapshots<Entry extends Listed>(found: readonly FoundFiles<Entry>[]): Entry[] {
  const others: Entry[] = [];
  const groups = new Map<string, { entry: Entry; own: readonly string[]; refs: string[] }>();
  for (const each of found) {
    const snapshot = snapshotOf(each.entry.path);
    if (snapshot === null) {
      others.push(each.entry);
      continue;
    }
    const key = identity(snapshot, each);
    const own = snapshotRefs(snapshot);
    const known = groups.get(key);
    const isBetter = !known || rank(own) > rank(known.own);
    groups.set(key, {
      entry: isBetter ? each.entry : known.entry,
      own: isBetter ? own : known.own,
      refs: [...new Set([...(known?.refs ?? []), ...own])],
    });
  }
  const merged = [...groups.values()].map(({ entry, refs }) =>
    refs.length === 0 ? entry : { ...entry, title: `${entry.title} (${refs.join(', ')})` },
  );
  return [...others, ...merged];
}

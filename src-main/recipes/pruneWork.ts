import { lstatSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { accessing, systemCode } from '../checkpoint/fileErrors.ts';
import { writeError } from './recipeText.ts';
import { workFolder } from './workFolder.ts';

interface WorkFile {
  readonly path: string;
  readonly bytes: number;
  /** When it was last used or written, in milliseconds. */
  readonly used: number;
}

/** What goes together: a converted model is nothing without its record. */
type Unit = readonly WorkFile[];

export interface Pruned {
  readonly files: number;
  readonly bytes: number;
}

/** Folders of files that stand for themselves; a folder in any other one is one thing. */
const SINGLE = new Set(['tensors', 'content']);
/** What another process may be writing now. */
const UNFINISHED = /\.part$/;
const UNFINISHED_MILLIS = 24 * 3600 * 1000;
const LOCK = 'run.lock';

function filesBelow(folder: string): WorkFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    // Another process may have removed it.
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found ? [{ path, bytes: found.size, used: Math.max(found.atimeMs, found.mtimeMs) }] : [];
  });
}

function unitsOf(folder: string): Unit[] {
  const files = filesBelow(folder);
  if (SINGLE.has(basename(folder))) return files.map((file) => [file]);
  return [...Map.groupBy(files, ({ path }) => path.slice(folder.length + 1).split(/[/\\]/)[0])].map(
    ([, unit]) => unit,
  );
}

/** Whether the process that a lock names is there. */
function isHeld({ path }: WorkFile): boolean {
  try {
    const holder = Number.parseInt(readFileSync(path, 'utf8'), 10);
    process.kill(holder, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

function isInUse(unit: Unit): boolean {
  const now = Date.now();
  return unit.some(
    (file) =>
      (basename(file.path) === LOCK && isHeld(file)) ||
      (UNFINISHED.test(file.path) && now - file.used < UNFINISHED_MILLIS),
  );
}

const bytesOf = (unit: Unit): number => unit.reduce((sum, { bytes }) => sum + bytes, 0);
const usedAt = (unit: Unit): number => Math.max(...unit.map(({ used }) => used));

function remove({ path }: WorkFile): void {
  try {
    rmSync(path, { force: true });
    rmdirSync(dirname(path));
  } catch (error) {
    const code = systemCode(error);
    // Folders with something in them stay; so does what was removed meanwhile.
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOENT') throw writeError(error, path);
  }
}

/**
 * Removes from the work folder what was used least recently, until at most `maxBytes` are left. What a process holds or writes stays, and
 * anything else can be computed again. Fails with `write-failed`.
 */
export function pruneWork({ maxBytes }: { readonly maxBytes: number }): Pruned {
  const root = workFolder();
  if (!(statSync(root, { throwIfNoEntry: false })?.isDirectory() ?? false)) return { files: 0, bytes: 0 };
  const folders = accessing(root, () => readdirSync(root, { withFileTypes: true }));
  const units = folders
    .flatMap((entry) => (entry.isDirectory() ? unitsOf(join(root, entry.name)) : []))
    .toSorted((a, b) => usedAt(a) - usedAt(b));
  let left = units.reduce((sum, unit) => sum + bytesOf(unit), 0);
  const removed: Pruned[] = [];
  for (const unit of units) {
    if (left <= maxBytes) break;
    if (isInUse(unit)) continue;
    unit.forEach(remove);
    left -= bytesOf(unit);
    removed.push({ files: unit.length, bytes: bytesOf(unit) });
  }
  const total = (field: keyof Pruned): number => removed.reduce((sum, each) => sum + each[field], 0);
  return { files: total('files'), bytes: total('bytes') };
}

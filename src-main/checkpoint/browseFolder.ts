import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Listing } from '../contract/routes.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { isAdapterFolder } from './adapter/isAdapterFolder.ts';
import { checkpointTitle } from './checkpointTitle.ts';
import { explainFile } from './explainFolder.ts';
import { systemCode } from './fileErrors.ts';
import { listFolder } from './listFolder.ts';
import { naturalOrder } from './naturalOrder.ts';
import { saysRecipe } from './saysRecipe.ts';
import { snapshotRefs } from './snapshotRefs.ts';
import { readStudyName } from './studyFolder.ts';

type Entry = Listing['entries'][number];

const WEIGHTS = /\.(?:safetensors|bin|pt|pth|gguf)$/;
/** By its name: whether it holds problems is told when it is used. */
const PROBE = /\.jsonl$/;
const INDEX = /\.(?:safetensors|bin)\.index\.json$/;
const SHARD = /[_-]\d{5,6}-of-\d{5,6}\.\w+$/;
const RECIPE = /\.(?:ya?ml|json)$/i;
const REPOSITORY = /^models--/;

/** The result, or null when the file system or the content of a file stands in the way: then it is not shown as more than it is. */
function unlessBlocked<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof PolarimeterError || systemCode(error) !== null) return null;
    throw error;
  }
}

const hasWeights = (names: readonly string[]): boolean =>
  isAdapterFolder(names) ||
  names.some((name) => (WEIGHTS.test(name) || INDEX.test(name)) && !explainFile(name));

function folderKind(path: string): Entry['kind'] {
  const names: string[] = unlessBlocked(() => readdirSync(path)) ?? [];
  if (names.includes('study.json') && unlessBlocked(() => readStudyName(path)) !== null) return 'study';
  return hasWeights(names) ? 'checkpoint' : 'folder';
}

/** A snapshot of a Hugging Face cache under the name of its repository, commit and refs. */
function snapshotEntry(path: string): Entry {
  const refs = snapshotRefs(path);
  const name = refs.length === 0 ? checkpointTitle(path) : `${checkpointTitle(path)} (${refs.join(', ')})`;
  return { name, path, kind: folderKind(path) };
}

/** The snapshots of a repository in a Hugging Face cache; its folder where there are none. */
function repositoryEntries(path: string): Entry[] {
  const snapshots = join(path, 'snapshots');
  const names = (unlessBlocked(() => readdirSync(snapshots)) ?? []).filter((name) => !name.startsWith('.'));
  if (names.length === 0) return [{ name: basename(path), path, kind: folderKind(path) }];
  return names.sort(naturalOrder).map((name) => snapshotEntry(join(snapshots, name)));
}

/** Null for a file that nothing can be done with here. */
function fileKind(name: string, path: string): Entry['kind'] | null {
  if (RECIPE.test(name)) return unlessBlocked(() => saysRecipe(path)) ? 'checkpoint' : null;
  if (PROBE.test(name)) return 'probe';
  return WEIGHTS.test(name) && !SHARD.test(name) && !explainFile(name) ? 'checkpoint' : null;
}

function toEntries(folder: string, name: string): Entry[] {
  const path = join(folder, name);
  const found = unlessBlocked(() => statSync(path));
  if (found?.isDirectory()) {
    if (REPOSITORY.test(name)) return repositoryEntries(path);
    const isSnapshot = basename(folder) === 'snapshots' && REPOSITORY.test(basename(dirname(folder)));
    return [isSnapshot ? snapshotEntry(path) : { name, path, kind: folderKind(path) }];
  }
  const kind = found?.isFile() ? fileKind(name, path) : null;
  return kind === null ? [] : [{ name, path, kind }];
}

/**
 * Folders, single-file checkpoints, recipes and probes below a folder (null: the user's home), in natural order, for choosing one.
 * Hidden names are left out; a repository of a Hugging Face cache is given by its snapshots. Kinds are judged by file names, recipes by
 * their first lines; opening the checkpoint tells whether it is sound.
 */
export function browseFolder(path: string | null): Listing {
  const folder = resolve(path ?? homedir());
  const visible = listFolder(folder).filter((name) => !name.startsWith('.'));
  const parent = dirname(folder);
  return {
    path: folder,
    parent: parent === folder ? null : parent,
    entries: visible.flatMap((name) => toEntries(folder, name)),
  };
}

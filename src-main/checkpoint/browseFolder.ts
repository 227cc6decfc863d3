import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Listing } from '../contract/routes.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { explainFile } from './explainFolder.ts';
import { systemCode } from './fileErrors.ts';
import { listFolder } from './listFolder.ts';
import { readStudyName } from './studyFolder.ts';

type Entry = Listing['entries'][number];

const SHARD = /[_-]\d{5,6}-of-\d{5,6}\.safetensors$/;

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
  names.some((name) => /\.safetensors(?:\.index\.json)?$/.test(name) && !explainFile(name));

function folderKind(path: string): Entry['kind'] {
  const names: string[] = unlessBlocked(() => readdirSync(path)) ?? [];
  if (names.includes('study.json') && unlessBlocked(() => readStudyName(path)) !== null) return 'study';
  return hasWeights(names) ? 'checkpoint' : 'folder';
}

function toEntries(folder: string, name: string): Entry[] {
  const path = join(folder, name);
  const found = unlessBlocked(() => statSync(path));
  if (found?.isDirectory()) return [{ name, path, kind: folderKind(path) }];
  const alone = name.endsWith('.safetensors') && !SHARD.test(name) && !explainFile(name);
  return found?.isFile() && alone ? [{ name, path, kind: 'checkpoint' }] : [];
}

/**
 * Folders and single-file checkpoints below a folder (null: the user's home), in natural order, for choosing one.
 * Hidden names are left out. Kinds are judged by file names; opening the checkpoint tells whether it is sound.
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

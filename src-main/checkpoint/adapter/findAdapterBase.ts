import { readdirSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { PolarimeterError } from '../../contract/errors.ts';
import { systemCode } from '../fileErrors.ts';
import { huggingFaceCache } from '../huggingFaceCache.ts';
import { readTextFile } from '../readTextFile.ts';
import type { AdapterConfig } from './parseAdapterConfig.ts';

const REPOSITORY = /^[\w.-]{1,96}(?:\/[\w.-]{1,96})?$/;
const REVISION = /^\w[\w.-]*(?:\/\w[\w.-]*){0,4}$/;
const COMMIT = /^[0-9a-f]{7,64}$/;
const LARGEST_REF = 1000;

/** What the file system answers, or null when it has nothing of that name or does not let it be read. */
function unlessAbsent<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof PolarimeterError || systemCode(error) !== null) return null;
    throw error;
  }
}

const isThere = (path: string): boolean => {
  const found = unlessAbsent(() => statSync(path));
  return found !== null && (found.isDirectory() || found.isFile());
};

/** Newest first. */
function snapshotsIn(folder: string): string[] {
  const age = (path: string): number => unlessAbsent(() => statSync(path).mtimeMs) ?? 0;
  return (unlessAbsent(() => readdirSync(folder)) ?? [])
    .map((name) => join(folder, name))
    .filter(isThere)
    .sort((a, b) => age(b) - age(a));
}

function snapshotOfRef(repository: string, ref: string): string | null {
  const text = unlessAbsent(() =>
    readTextFile(join(repository, 'refs', ref), LARGEST_REF, 'path-not-readable'),
  );
  const commit = text?.trim() ?? '';
  const path = join(repository, 'snapshots', commit);
  return COMMIT.test(commit) && isThere(path) ? path : null;
}

function inCache(name: string, revision: string | null, cache: string): string | null {
  if (!REPOSITORY.test(name) || name.includes('..')) return null;
  const repository = join(cache, `models--${name.replace('/', '--')}`);
  if (revision === null)
    return snapshotOfRef(repository, 'main') ?? snapshotsIn(join(repository, 'snapshots'))[0] ?? null;
  if (!REVISION.test(revision)) return null;
  const snapshot = join(repository, 'snapshots', revision);
  if (COMMIT.test(revision) && isThere(snapshot)) return snapshot;
  return snapshotOfRef(repository, revision);
}

/**
 * Path of the model that an adapter says it was trained on: a folder of that name (absolute, in the adapter's folder, or
 * beside it), else its snapshot in the Hugging Face cache, of the revision that the adapter names, of refs/main, or the
 * newest. Null when there is none. Nothing is downloaded.
 */
export function findAdapterBase(
  { base, revision }: AdapterConfig,
  folder: string,
  cache: string = huggingFaceCache(),
): string | null {
  if (base === null) return null;
  const places = isAbsolute(base) ? [base] : [resolve(folder, base), resolve(dirname(folder), base)];
  const local = places.find((path) => path !== resolve(folder) && isThere(path));
  return local ?? inCache(base, revision, cache);
}

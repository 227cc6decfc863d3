import { statSync } from 'node:fs';
import { PolarimeterError } from '../contract/errors.ts';
import { isMadeFile } from './madeFile.ts';

/**
 * What tells one state of a file from another without reading it. Not the status time: links, permissions and backups move it and leave
 * the bytes alone.
 */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

/**
 * Identity of the file that a path leads to now; links are followed.
 * Fails with `path-not-found` or `path-not-readable`, and with `recipe-not-made` for a made tensor that is not there.
 */
export function fileIdentity(path: string): FileIdentity {
  try {
    const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
    return { dev, ino, size, mtimeNs };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    if (missing && isMadeFile(path))
      throw new PolarimeterError('recipe-not-made', 'the tensor was not computed yet', path);
    throw new PolarimeterError(
      missing ? 'path-not-found' : 'path-not-readable',
      missing ? 'the file is not there' : `the file cannot be looked at (${String(code)})`,
      path,
    );
  }
}

/** The same, or null where the path leads to no file that can be looked at. */
export function fileIdentityIfThere(path: string): FileIdentity | null {
  try {
    return fileIdentity(path);
  } catch (error) {
    if (error instanceof PolarimeterError) return null;
    throw error;
  }
}

/** Whether two identities are of the same file in the same state. */
export function sameIdentity(a: FileIdentity, b: FileIdentity): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;
}

/** Files by path, each with its state at one time; null for one that was not there. */
export type FileStates = ReadonlyMap<string, FileIdentity | null>;

/**
 * The states, now, of those files that are there in another state than before. One that went has not changed: it is missing. Files of made
 * tensors are named after their content: they come and go, and never change.
 */
export function changedFiles(before: FileStates): FileIdentity[] {
  return [...before].flatMap(([path, state]) => {
    const now = isMadeFile(path) ? null : fileIdentityIfThere(path);
    return now === null || (state !== null && sameIdentity(state, now)) ? [] : [now];
  });
}

/** A writer that pauses no longer than this is taken to be at work still. */
const SETTLED_MILLIS = 2000;

/** Whether nobody seems to be writing to a file any more. */
export function isSettled({ mtimeNs }: FileIdentity): boolean {
  // The clock of a file server may be ahead of ours.
  return Math.abs(Date.now() - Number(mtimeNs / 1_000_000n)) > SETTLED_MILLIS;
}

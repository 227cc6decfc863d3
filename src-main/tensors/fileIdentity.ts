import { statSync } from 'node:fs';
import { PolarimeterError } from '../contract/errors.ts';

/** What tells one state of a file from another without reading it. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  /** Also moves when a writer sets the modification time back; and when a hard link is made or removed. */
  readonly ctimeNs: bigint;
  /** Number of hard links: explains a ctime that moved without a change of content. */
  readonly links: bigint;
}

/**
 * Identity of the file that a path leads to now; links are followed.
 * Fails with `path-not-found` or `path-not-readable`.
 */
export function fileIdentity(path: string): FileIdentity {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs, nlink } = statSync(path, { bigint: true });
    return { dev, ino, size, mtimeNs, ctimeNs, links: nlink };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    throw new PolarimeterError(
      missing ? 'path-not-found' : 'path-not-readable',
      missing ? 'the file is not there' : `the file cannot be looked at (${String(code)})`,
      path,
    );
  }
}

/** Whether two identities are of the same file in the same state, by the rule of the native core: a moved ctime counts unless a link came or went. */
export function sameIdentity(a: FileIdentity, b: FileIdentity): boolean {
  const sameContent = a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;
  return sameContent && (a.ctimeNs === b.ctimeNs || a.links !== b.links);
}

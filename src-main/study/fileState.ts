import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { fileIdentity } from '../tensors/fileIdentity.ts';
import { isMadeFile } from '../tensors/madeFile.ts';

/**
 * Words for the state of a file that survive a remount or a restart: size and modification time; of a made tensor what it is made of, which
 * is its name: results of it stay, whether it is in the work folder or not.
 */
export function fileState(path: string): string {
  if (isMadeFile(path)) return basename(path);
  const { size, mtimeNs } = fileIdentity(path);
  return `${String(size)}:${String(mtimeNs)}`;
}

/** The same, or null when the file is not there (a study may be read without its checkpoints). */
export function fileStateIfThere(path: string): string | null {
  return isMadeFile(path) || statSync(path, { throwIfNoEntry: false }) ? fileState(path) : null;
}

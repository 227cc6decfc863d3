import { statSync } from 'node:fs';
import { fileIdentity } from '../tensors/fileIdentity.ts';

/** Words for the state of a file that survive a remount or a restart: size and modification time. */
export function fileState(path: string): string {
  const { size, mtimeNs } = fileIdentity(path);
  return `${String(size)}:${String(mtimeNs)}`;
}

/** The same, or null when the file is not there (a study may be read without its checkpoints). */
export function fileStateIfThere(path: string): string | null {
  return statSync(path, { throwIfNoEntry: false }) ? fileState(path) : null;
}

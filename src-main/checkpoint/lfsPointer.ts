import type { PolarimeterError } from '../contract/errors.ts';
import { fileError } from './fileErrors.ts';

const FIRST_WORDS = 'version https://git-lfs';

/** Bytes of a file that must be read to tell a Git LFS pointer. */
export const LFS_POINTER_BYTES = FIRST_WORDS.length;

/** Whether a file begins like the text file that Git LFS leaves in place of a large file. */
export function isLfsPointer(start: Uint8Array): boolean {
  return Buffer.from(start.subarray(0, LFS_POINTER_BYTES)).toString('latin1') === FIRST_WORDS;
}

export function lfsPointerError(path: string): PolarimeterError {
  return fileError('git-lfs-pointer', path, 'is a Git LFS pointer, the file itself was not downloaded');
}

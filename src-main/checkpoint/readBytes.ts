import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { accessing, fileError } from './fileErrors.ts';

/** A file that was opened for reading, and its size when it was opened. */
export interface OpenFile {
  readonly path: string;
  readonly size: number;
  /** Up to count bytes from a position; fewer only at the end of the file. */
  readonly read: (position: number, count: number) => Buffer;
}

function readFully(handle: number, position: number, count: number): Buffer {
  const buffer = Buffer.alloc(count);
  let filled = 0;
  while (filled < count) {
    const bytesRead = readSync(handle, buffer, filled, count - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/**
 * Opens a regular file for reading, hands it to use, and closes it.
 * Fails with the codes of `accessing`, and not-a-checkpoint for folders, pipes and devices.
 */
export function withFile<T>(path: string, use: (file: OpenFile) => T): T {
  return accessing(path, () => {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer; on Windows it is undefined and adds nothing.
    const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(handle);
      if (!stat.isFile()) throw fileError('not-a-checkpoint', path, 'is not a regular file');
      return use({ path, size: stat.size, read: (position, count) => readFully(handle, position, count) });
    } finally {
      closeSync(handle);
    }
  });
}

import type { ErrorCode } from '../contract/errors.ts';
import { formatBytes } from '../contract/units.ts';
import { fileError } from './fileErrors.ts';
import { isLfsPointer, lfsPointerError } from './lfsPointer.ts';
import { withFile } from './readBytes.ts';

/** A text file of at most `limit` bytes, without a byte order mark. `invalid` is the code for anything else. */
export function readTextFile(path: string, limit: number, invalid: ErrorCode): string {
  return withFile(path, ({ size, read }) => {
    if (size > limit)
      throw fileError(invalid, path, `has ${formatBytes(size)}, at most ${formatBytes(limit)} are read`);
    const bytes = read(0, size);
    if (isLfsPointer(bytes)) throw lfsPointerError(path);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      throw fileError(invalid, path, 'is not UTF-8 text');
    }
  });
}

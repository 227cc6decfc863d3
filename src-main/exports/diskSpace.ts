import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import { formatBytes } from '../contract/units.ts';

/** For indexes, cards and what the file system itself needs. */
const MARGIN_BYTES = 4 * 2 ** 20;

/** Bytes that a user may still write on the disk of a path, which need not be there. */
export function freeBytes(path: string): number {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Fails with `disk-space` where a result does not fit. */
export function checkSpace(out: string, bytes: number, free: (path: string) => number = freeBytes): void {
  const there = free(out);
  if (there >= bytes + MARGIN_BYTES) return;
  throw new PolarimeterError(
    'disk-space',
    `${formatBytes(bytes)} are to be written, with ${formatBytes(MARGIN_BYTES)} to spare; the disk has ${formatBytes(there)} left`,
    out,
  );
}

import { statfsSync } from 'node:fs';
import { systemCode } from '../../checkpoint/fileErrors.ts';
import { PolarimeterError } from '../../contract/errors.ts';
import { formatBytes } from '../../contract/units.ts';

/** Of the record and the file system itself. */
const MARGIN_BYTES = 4 * 2 ** 20;

/** Runs a step that writes a converted model; failures of the operating system become `disk-full` or `write-failed`. Bugs pass through. */
export async function writingModel<T>(where: string, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const code = systemCode(error);
    if (code === null || error instanceof PolarimeterError) throw error;
    const kind = code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'write-failed';
    throw new PolarimeterError(kind, (error as Error).message, where);
  }
}

/** Bytes that this user may still write in a folder. */
export function freeDisk(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** fails disk-space */
export function checkDisk(folder: string, bytes: number, free: number): void {
  if (free >= bytes + MARGIN_BYTES) return;
  const message = `the converted model has ${formatBytes(bytes)}, with ${formatBytes(MARGIN_BYTES)} to spare; the disk has ${formatBytes(free)} left`;
  throw new PolarimeterError('disk-space', message, folder);
}

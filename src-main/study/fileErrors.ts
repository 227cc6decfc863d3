import { PolarimeterError, type ErrorCode } from '../contract/errors.ts';

const WRITE_ERRORS: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EROFS: 'study-read-only',
  EACCES: 'study-read-only',
  EPERM: 'study-read-only',
  ENOENT: 'path-not-found',
  ENOTDIR: 'path-not-found',
};

/** SQLite result codes (primary codes; extended ones carry them in their low byte). */
const SQLITE_ERRORS: Readonly<Record<number, ErrorCode>> = {
  3: 'study-read-only',
  5: 'study-busy',
  8: 'study-read-only',
  10: 'disk-full',
  11: 'study-invalid',
  13: 'disk-full',
  14: 'study-read-only',
  26: 'study-invalid',
};

/** What a failed write in a study folder means to the user; anything else is a bug and is passed on as it is. */
export function studyWriteError(error: unknown, where: string): unknown {
  if (!(error instanceof Error) || error instanceof PolarimeterError) return error;
  const { code, errcode } = error as Error & { code?: string; errcode?: number };
  const known = errcode === undefined ? WRITE_ERRORS[code ?? ''] : SQLITE_ERRORS[errcode & 0xff];
  return known === undefined ? error : new PolarimeterError(known, error.message, where);
}

/** Runs a step that writes in a study folder and translates its failure. */
export function writing<T>(where: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw studyWriteError(error, where);
  }
}

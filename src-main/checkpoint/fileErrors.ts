import { PolarimeterError } from '../contract/errors.ts';
import type { ErrorCode } from '../contract/errors.ts';
import { quoteName } from './quoteName.ts';

const CODES: Readonly<Record<string, readonly [code: ErrorCode, what: string]>> = {
  ENOENT: ['path-not-found', 'does not exist'],
  ENOTDIR: ['path-not-found', 'lies below something that is not a folder'],
  ENAMETOOLONG: ['path-not-found', 'is too long to be a path'],
  ERR_INVALID_ARG_VALUE: ['path-not-found', 'is not a path'],
  EACCES: ['path-not-readable', 'may not be read by this user'],
  EPERM: ['path-not-readable', 'may not be read by this user'],
  ELOOP: ['directory-loop', 'is a symbolic link that leads back to itself'],
  EMFILE: ['file-open', 'could not be opened: too many open files'],
  ENFILE: ['file-open', 'could not be opened: too many open files'],
};

/** The operating system's code of a failed call, e.g. "ENOENT"; null for anything else. */
export function systemCode(error: unknown): string | null {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^E[A-Z0-9_]+$/.test(code) ? code : null;
}

/** Runs file access; failures of the operating system become errors in words. Bugs pass through. */
export function accessing<T>(path: string, access: () => T): T {
  try {
    return access();
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    const [kind, what] = CODES[code] ?? (['read-failed', `could not be read (${code})`] as const);
    throw new PolarimeterError(kind, `${quoteName(path)} ${what}`, path);
  }
}

/** An error about one file whose message begins with the file's name. */
export function fileError(code: ErrorCode, file: string, what: string): PolarimeterError {
  const name = file.split(/[/\\]/).at(-1) ?? file;
  return new PolarimeterError(code, `${quoteName(name).slice(1, -1)}: ${what}`, file);
}

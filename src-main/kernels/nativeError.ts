import { isErrorCode, PolarimeterError } from '../contract/errors.ts';

/** What a native failure is to a user. A code that is not in the closed list is a bug of ours and stays a plain error. */
export function nativeError(code: string, message: string, where: string | null): Error {
  return isErrorCode(code) ? new PolarimeterError(code, message, where) : new Error(`${code}: ${message}`);
}

/** Calls into the addon; what it throws becomes the error of `where`. */
export function callNative<Result>(where: string | null, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    const code: unknown = error instanceof Error && 'code' in error ? error.code : null;
    if (!isErrorCode(code)) throw error;
    throw new PolarimeterError(code, (error as Error).message, where);
  }
}

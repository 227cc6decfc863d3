import { PolarimeterError, type ErrorCode } from '../contract/errors.ts';

const CODES: Readonly<Record<string, ErrorCode>> = { ENOSPC: 'disk-space', EDQUOT: 'disk-space' };

/** Runs a step that writes a result; failures of the operating system become `disk-space` or `write-failed`. Bugs pass through. */
export async function writingTo<T>(where: string, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const code: unknown = error instanceof Error && 'code' in error ? error.code : null;
    const isSystem = typeof code === 'string' && /^E[A-Z0-9]+$/.test(code);
    if (!isSystem || error instanceof PolarimeterError) throw error;
    throw new PolarimeterError(CODES[code] ?? 'write-failed', (error as Error).message, where);
  }
}

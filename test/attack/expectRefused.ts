import { basename } from 'node:path';
import { expect } from 'vitest';
import type { ErrorCode, PolarimeterError } from '../../src-main/contract/errors.ts';

/** An error of a hostile file says what is wrong, in words that a terminal can print, and no book. */
export function expectWords(error: PolarimeterError, code: ErrorCode, says: string): void {
  expect(error.message).toContain(says);
  expect(error.code).toBe(code);
  expect(error.message).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  expect(error.message.length).toBeLessThan(700);
}

/** One that is about a single file names it, too. */
export function expectRefused(error: PolarimeterError, path: string, code: ErrorCode, says: string): void {
  expectWords(error, code, says);
  expect(error.where).toBe(path);
  expect(error.message).toContain(basename(path));
}

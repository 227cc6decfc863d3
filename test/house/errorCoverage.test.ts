import { expect, it } from 'vitest';
import { ERROR_KINDS } from '../../src-main/contract/errorKinds.ts';
import { readSources } from './readSources.ts';

/** Tests of how errors are shown name codes without provoking them. */
const SHOWS_ERRORS = /(?:reportError|errorCoverage)\.test\.ts$/;

it('every error that a user can meet is named by a test that provokes it, or by one that maps it from the native core', () => {
  const tests = [...readSources(['test'], /\.ts$/)]
    .filter(([path]) => !SHOWS_ERRORS.test(path))
    .map(([, text]) => text)
    .join('\n');
  expect(Object.keys(ERROR_KINDS).filter((code) => !tests.includes(`'${code}`))).toEqual([]);
});

import { expect, it } from 'vitest';
import { z } from 'zod';
import { issueWords } from '../../src-main/base/issueWords.ts';

const Schema = z.object({ name: z.string(), share: z.number().max(1) });
const words = (value: unknown): string => issueWords(Schema.safeParse(value).error?.issues[0]?.message ?? '');

it.each([
  [{}, 'is missing: expected string'],
  [null, 'is empty: expected object'],
  [{ name: 1 }, 'expected string, received number'],
  [{ name: 'x', share: 2 }, 'Too big: expected number to be <=1'],
])('%j: %s', (value, expected) => {
  expect(words(value)).toBe(expected);
});

import type { Directions } from '../../src-main/contract/recipe.ts';

/** What was typed, as values; or what is wrong with it, in words. */
export interface ParsedList<T> {
  readonly values: readonly T[];
  readonly error: string | null;
}

function parseList<T>(text: string, one: (word: string) => T | null, expected: string): ParsedList<T> {
  const words = text
    .split(/[,;\n]/)
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length === 0) return { values: [], error: `type at least one: ${expected}` };
  const values: T[] = [];
  for (const word of words) {
    const value = one(word);
    if (value === null) return { values: [], error: `“${word}” is not ${expected}` };
    if (!values.includes(value)) values.push(value);
  }
  return { values, error: null };
}

function numberOf(text: string): number | null {
  const value = Number(text.replace('−', '-'));
  return text === '' || !Number.isFinite(value) ? null : value;
}

/** "25 %", "0.25" or "1/4". */
function shareOf(word: string): number | null {
  const percent = /^([\d.]+) ?%$/.exec(word);
  const fraction = /^(\d+) ?\/ ?(\d+)$/.exec(word);
  const value = percent
    ? (numberOf(percent[1] ?? '') ?? NaN) / 100
    : fraction
      ? Number(fraction[1]) / Number(fraction[2])
      : (numberOf(word) ?? NaN);
  return value > 0 && value <= 1 ? value : null;
}

function directionsOf(word: string): Directions | null {
  if (/^\d{1,9}$/.test(word)) return Number(word);
  return /^(100|\d{1,2}(\.\d{1,6})?) ?%$/.test(word) ? word : null;
}

/** Shares of layers, above 0 and at most all. */
export const parseShares = (text: string): ParsedList<number> =>
  parseList(text, shareOf, 'a share above 0, such as 25 %, 0.25 or 1/4');

/** Singular directions of each matrix. */
export const parseDirections = (text: string): ParsedList<Directions> =>
  parseList(text, directionsOf, 'a number of directions, such as 16, or a share of them, such as 25 %');

/** Steps between two models. */
export const parseAmounts = (text: string): ParsedList<number> =>
  parseList(text, numberOf, 'a number, such as 0.5');

export const parsePaths = (text: string): ParsedList<string> =>
  parseList(
    text,
    (word) => (word.startsWith('/') || /^[A-Za-z]:[\\/]/.test(word) ? word : null),
    'an absolute path of a recipe',
  );

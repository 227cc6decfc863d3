import { InvalidArgumentError } from 'commander';
import { parseLayerRanges } from '../contract/layerRanges.ts';
import { type Bytes, parseBytes } from '../contract/units.ts';

/** "8GiB" or a number of bytes. */
export function memorySize(text: string): Bytes {
  const size = parseBytes(text);
  if (size === null) throw new InvalidArgumentError('Write a size such as 8GiB or 512MiB.');
  return size;
}

/** A whole number from 1 to `most`. */
export function count(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < 1 || value > most) {
      throw new InvalidArgumentError(`Write a whole number from 1 to ${String(most)}.`);
    }
    return value;
  };
}

/** "a,b" and repeated options, in order. */
export function list(text: string, previous: readonly string[] = []): string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.includes('')) throw new InvalidArgumentError('Write a list such as q_proj,v_proj.');
  return [...previous, ...parts];
}

/** An option that may be repeated and is kept as it is. */
export function repeated(text: string, previous: readonly string[] = []): string[] {
  return [...previous, text];
}

/** "0-3,10" -> [[0, 3], [10, 10]], both ends included. */
export function layerRanges(text: string, previous: readonly [number, number][] = []): [number, number][] {
  const ranges = parseLayerRanges(text) ?? [];
  if (ranges.length === 0) throw new InvalidArgumentError('Write layers such as 0-3,10.');
  return [...previous, ...ranges];
}

const MOST_TOLERANCES = 8;

/** Positive numbers in increasing order, at most 8. */
export function tolerances(text: string): number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (values.length > MOST_TOLERANCES || !values.every((value) => Number.isFinite(value) && value > 0)) {
    throw new InvalidArgumentError('Write at most 8 positive numbers such as 1e-6,1e-5.');
  }
  return [...new Set(values)].sort((a, b) => a - b);
}

const MOST_DIMENSIONS = 4096;
const LONGEST_SWEEP = 16;

/** Whole numbers in increasing order, at most 16; "none" is the empty list. */
export function dimensions(text: string): number[] {
  if (text === 'none') return [];
  const values = text.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : Number.NaN));
  const fits = (value: number): boolean => value >= 1 && value <= MOST_DIMENSIONS;
  if (values.length > LONGEST_SWEEP || !values.every(fits)) {
    throw new InvalidArgumentError('Write at most 16 whole numbers such as 8,32,64, or none.');
  }
  return [...new Set(values)].sort((a, b) => a - b);
}

/** A share between 0 and 1, both excluded: "0.3" or "30%". */
export function share(text: string): number {
  const match = /^\s*(\d*\.?\d+)\s*(%?)\s*$/.exec(text);
  const value = Number(match?.[1] ?? Number.NaN) / (match?.[2] === '%' ? 100 : 1);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('Write a share such as 0.3 or 30%.');
  return value;
}

/** One of a closed list of words. */
export function oneOf<Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found === undefined) throw new InvalidArgumentError(`Choose one of ${words.join(', ')}.`);
    return found;
  };
}

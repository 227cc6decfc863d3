import type { StudyOptions } from './study.ts';

type Ranges = StudyOptions['layers'];

/** "0-3,10" -> [[0, 3], [10, 10]], both ends included; an empty text is no range, which means all layers. Null for anything else. */
export function parseLayerRanges(text: string): Ranges | null {
  if (text.trim() === '') return [];
  const ranges: Ranges = [];
  for (const part of text.split(',')) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part.trim());
    const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (match === null || last < first) return null;
    ranges.push([first, last]);
  }
  return ranges;
}

export function writeLayerRanges(ranges: Ranges): string {
  return ranges
    .map(([first, last]) => (first === last ? String(first) : `${String(first)}-${String(last)}`))
    .join(', ');
}

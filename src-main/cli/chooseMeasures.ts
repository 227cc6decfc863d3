import { PolarimeterError } from '../contract/errors.ts';
import type { MeasureInfo } from '../contract/measure.ts';
import { nearest } from '../base/nearest.ts';

/**
 * The measures that were asked for by id or by the first words of it ("angles", "update.unchanged"), in the order of `all`.
 * fails usage, with the nearest id, for a name that fits none
 */
export function chooseMeasures(all: readonly MeasureInfo[], names: readonly string[]): MeasureInfo[] {
  for (const name of names) {
    if (all.some((measure) => fits(measure, name))) continue;
    const guess = nearest(name, [...new Set(all.flatMap((measure) => prefixes(measure.id)))]);
    const hint = guess === null ? 'see `polarimeter measures`' : `did you mean ${guess}?`;
    throw new PolarimeterError('usage', `there is no measure "${name}" here; ${hint}`);
  }
  return all.filter((measure) => names.some((name) => fits(measure, name)));
}

/** "a.b.c" -> a, a.b, a.b.c */
function prefixes(id: string): string[] {
  const words = id.split('.');
  return words.map((_, index) => words.slice(0, index + 1).join('.'));
}

function fits(measure: MeasureInfo, name: string): boolean {
  return measure.id === name || measure.id.startsWith(`${name}.`);
}

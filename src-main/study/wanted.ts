import type { MeasureInfo } from '../contract/measure.ts';
import type { StudyOptions } from '../contract/study.ts';
import type { Ingredient } from '../measures/evidence.ts';
import type { Measure, PairMeasure, SetMeasure } from '../measures/Measure.ts';
import { pairMeasures, setMeasures, variantMeasures } from '../measures/registry.ts';

const ELEMENTWISE: ReadonlySet<Ingredient> = new Set(['elements', 'profiles']);

/** Whether a study asks for a measure: all that are not optional unless it names some, and what it adds to them. */
export function wants(
  { measures, also }: Pick<StudyOptions, 'measures' | 'also'>,
  { id, optional }: MeasureInfo,
): boolean {
  if (also.includes(id)) return true;
  return measures.length === 0 ? !optional : measures.includes(id);
}

/** The measures that a study asks for. */
export interface WantedMeasures {
  readonly variants: readonly Measure[];
  readonly pairs: readonly PairMeasure[];
  readonly sets: readonly SetMeasure[];
}

export function wantedMeasures(options: StudyOptions): WantedMeasures {
  const asked = ({ info }: { readonly info: MeasureInfo }): boolean => wants(options, info);
  return {
    variants: variantMeasures(options).filter(asked),
    pairs: pairMeasures.filter(asked),
    sets: setMeasures.filter(asked),
  };
}

/** Whether an ingredient comes from decompositions rather than from reading the elements. */
export const isSpectral = (ingredient: Ingredient): boolean => !ELEMENTWISE.has(ingredient);

/** What decompositions have to find out for a set of measures. */
export function spectralNeeds(measures: readonly Pick<Measure, 'needs'>[]): ReadonlySet<Ingredient> {
  return new Set(measures.flatMap(({ needs }) => needs).filter(isSpectral));
}

import type { MeasureInfo } from '../../src-main/contract/measure.ts';

/** Titles of the capability groups that measures belong to. */
const TITLES: Readonly<Record<string, string>> = {
  A7: 'Alignment',
  B1: 'Update sparsity',
  B2: 'Update size',
  B3: 'Stripes',
  B4: 'Spectra',
  B5: 'Principal angles',
  B6: 'Masks of the reference',
  B7: 'Update in the base frame',
  B8: 'Update rank',
  B9: 'Overlap between runs',
  B10: 'SVF fit',
  B11: 'Precision gate',
  WW: 'WeightWatcher columns',
};

export interface MeasureGroup {
  readonly title: string;
  readonly measures: readonly MeasureInfo[];
}

/** Measures by group, in the order of the registry. */
export function measureGroups(measures: readonly MeasureInfo[]): MeasureGroup[] {
  return [...Map.groupBy(measures, ({ group }) => group)].map(([group, own]) => ({
    title: TITLES[group] ?? group,
    measures: own,
  }));
}

import type { Command } from 'commander';
import { PolarimeterError } from '../contract/errors.ts';
import type { MeasureInfo } from '../contract/measure.ts';
import type { RowsQuery } from '../contract/routes.ts';
import type { Study } from '../study/Study.ts';
import { chooseMeasures } from './chooseMeasures.ts';
import { nearest } from '../base/nearest.ts';
import { layerRanges, list, oneOf } from './optionValues.ts';

export const LEVELS = ['overall', 'module', 'layer', 'tensor'] as const;
export type Level = (typeof LEVELS)[number];

export interface SelectionOptions {
  readonly level?: Level;
  readonly measures?: readonly string[];
  readonly variant?: readonly string[];
  readonly perNorm?: boolean;
  readonly layers?: readonly [number, number][];
  readonly modules?: readonly string[];
}

/** Options that select rows of a study. */
export function withSelectionOptions(command: Command): Command {
  return command
    .option('--level <level>', `one of ${LEVELS.join(', ')}`, oneOf(LEVELS))
    .option('--measures <ids>', 'measures by id or its first words, e.g. update,angles', list)
    .option('--variant <labels>', 'only these variants', list)
    .option('--layers <ranges>', 'only tensors of these layers, e.g. 0-3,10', layerRanges)
    .option('--modules <names>', 'only tensors of these modules, e.g. q_proj,o_proj', list)
    .option('--per-norm', 'values per 1 % of relative update norm, where a measure grows with the norm');
}

/** What values are given per. */
export function perOf({ perNorm }: SelectionOptions): RowsQuery['per'] {
  return perNorm ? ['update-norm'] : [];
}

/** The measures that were asked for, or else `usual`. fails usage */
export function selectedMeasures(
  study: Study,
  options: SelectionOptions,
  usual: readonly MeasureInfo[],
): readonly MeasureInfo[] {
  return options.measures === undefined ? usual : chooseMeasures(study.measures(), options.measures);
}

/** The variants that were asked for, or else all. fails usage */
export function selectedVariants(study: Study, { variant }: SelectionOptions): readonly string[] {
  const labels = study.file.variants.map(({ label }) => label);
  for (const label of variant ?? []) {
    if (labels.includes(label)) continue;
    const guess = nearest(label, labels);
    const hint = guess === null ? `labels are ${labels.join(', ')}` : `did you mean ${guess}?`;
    throw new PolarimeterError('usage', `this study has no variant "${label}"; ${hint}`);
  }
  return variant ?? labels;
}

/** The part of the model that was asked for. */
export function selectedPart({
  layers = [],
  modules = [],
}: SelectionOptions): Pick<RowsQuery, 'layers' | 'module'> {
  const written = layers.map(([first, last]) =>
    first === last ? String(first) : `${String(first)}-${String(last)}`,
  );
  return { layers: written, module: [...modules] };
}

/** "layers 0-3, q_proj"; null is the whole model. */
export function partWords(options: SelectionOptions): string | null {
  const { layers, module } = selectedPart(options);
  const words = [...(layers.length > 0 ? [`layers ${layers.join(', ')}`] : []), ...module];
  return words.length > 0 ? words.join(', ') : null;
}

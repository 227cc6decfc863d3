import type { MeasureInfo } from '../contract/measure.ts';
import type { Row } from '../contract/rows.ts';
import { pairedLabels, rowsWith } from './heatmapPanels.ts';
import { stripScale, type StripScale } from './strip.ts';
import type { VariantStyle } from './variantStyle.ts';

/** One measure over the whole model, a cell per variant in the order of the styles. */
export interface OverviewLine {
  readonly measure: MeasureInfo;
  /** The other variant of every cell, for measures of pairs. */
  readonly partner: string | null;
  readonly cells: readonly (Row | null)[];
  /** Null when no cell has a finite number. */
  readonly scale: StripScale | null;
}

function lineOf(measure: MeasureInfo, partner: string | null, cells: readonly (Row | null)[]): OverviewLine {
  const present = cells.filter((row) => row !== null);
  return { measure, partner, cells, scale: stripScale(present, measure.unit) };
}

/**
 * The overview: measures in rows, variants in columns. A measure of pairs has a line for each partner. Measures without any row are
 * left out, so that a study that is still running shows what is there.
 */
export function overviewLines(
  measures: readonly MeasureInfo[],
  rows: readonly Row[],
  styles: readonly VariantStyle[],
): OverviewLine[] {
  const overall = Map.groupBy(
    rows.filter(({ level }) => level === 'overall'),
    ({ measure }) => measure,
  );
  const cellsFrom = (own: readonly Row[]): (Row | null)[] =>
    styles.map(({ label }) => own.find(({ variant }) => variant === label) ?? null);
  return measures.flatMap((measure) => {
    const own = overall.get(measure.id) ?? [];
    if (own.length === 0) return [];
    if (measure.arity === 'variant') return [lineOf(measure, null, cellsFrom(own))];
    return pairedLabels(own, styles).map((partner) =>
      lineOf(measure, partner, cellsFrom(rowsWith(partner, own, styles))),
    );
  });
}

/** What the share itself is called where a measure only names its complement. */
const SHARE_NAMES: Readonly<Record<string, string>> = { changed: 'unchanged', 'not compared': 'compared' };

/** Name of the share of a measure whose complement has a name; empty when the measure's title has to do. */
export function shareName(complement: string): string {
  return SHARE_NAMES[complement] ?? '';
}

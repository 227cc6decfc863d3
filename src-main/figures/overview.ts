import { PER_NORM, type MeasureInfo } from '../contract/measure.ts';
import type { PublishedReference } from '../contract/reference.ts';
import type { Row } from '../contract/rows.ts';
import { referencesOf } from './references.ts';
import { stripScale, type StripScale } from './strip.ts';
import type { VariantStyle } from './variantStyle.ts';

/** One measure over the model or a part of it, a cell per variant in the order of the styles. */
export interface OverviewLine {
  readonly measure: MeasureInfo;
  readonly cells: readonly (Row | null)[];
  /** Null when no cell has a finite number. */
  readonly scale: StripScale | null;
  /** What papers give, for every role. */
  readonly references: readonly PublishedReference[];
  /** Whether it is given per unit of update norm: of the lines of a norm-matched table, those that changed. */
  readonly isPerNorm: boolean;
}

export interface OverviewInput {
  readonly measures: readonly MeasureInfo[];
  /** Those at level "overall" count. */
  readonly rows: readonly Row[];
  readonly styles: readonly VariantStyle[];
  readonly references: readonly PublishedReference[];
  readonly isWhole: boolean;
}

/**
 * The overview: measures of one variant in rows, variants in columns. Measures without any row are left out, so that a study that is
 * still running shows what is there; measures of pairs and of sets have a page of their own.
 */
export function overviewLines({
  measures,
  rows,
  styles,
  references,
  isWhole,
}: OverviewInput): OverviewLine[] {
  const byMeasure = Map.groupBy(
    rows.filter(({ level }) => level === 'overall'),
    ({ measure }) => measure,
  );
  const roles = new Set(styles.map(({ role }) => role));
  return measures.flatMap((measure) => {
    const own = new Map((byMeasure.get(measure.id) ?? []).map((row) => [row.variant, row]));
    if (own.size === 0 || measure.arity !== 'variant') return [];
    const cells = styles.map(({ label }) => own.get(label) ?? null);
    const published = referencesOf(references, measure, { role: null, isWhole });
    const drawn = published.filter(({ mismatch, role }) => mismatch === null && roles.has(role));
    const present = cells.filter((row) => row !== null);
    return [
      {
        measure,
        cells,
        scale: stripScale(
          present,
          measure.unit,
          drawn.flatMap(({ low, high }) => [low, high]),
        ),
        references: published,
        isPerNorm: measure.unit.endsWith(PER_NORM),
      },
    ];
  });
}

/** What the share itself is called where a measure only names its complement. */
const SHARE_NAMES: Readonly<Record<string, string>> = { changed: 'unchanged', 'not compared': 'compared' };

/** Name of the share of a measure whose complement has a name; empty when the measure's title has to do. */
export function shareName(complement: string): string {
  return SHARE_NAMES[complement] ?? '';
}

import { formatValue } from '../contract/format.ts';
import type { Row } from '../contract/rows.ts';
import { partnerOf } from './heatmapPanels.ts';
import type { LabelledCell, LabelledPanel } from './labelledMap.ts';
import type { VariantStyle } from './variantStyle.ts';

/** What is drawn of a value: itself, what chance gives, or what is beyond chance. */
export const OVERLAP_PARTS = ['difference', 'value', 'chance'] as const;
export type OverlapPart = (typeof OVERLAP_PARTS)[number];

/** Two runs with the same reference. Of a one-sided measure, the share of what `run` changed that `partner` changed too. */
export interface RunPair {
  readonly run: string;
  readonly partner: string;
}

export interface OverlapInput {
  /** Rows of one measure of pairs. */
  readonly rows: readonly Row[];
  readonly styles: readonly VariantStyle[];
  readonly part: OverlapPart;
  /** Whether (a, b) and (b, a) are different questions. */
  readonly ordered: boolean;
}

/** A cell of the page, and the row behind it. */
export interface OverlapCell extends LabelledCell {
  readonly row: Row;
  readonly pair: RunPair;
}
export type OverlapPanel = LabelledPanel<OverlapCell>;

/** The number that is drawn; null where the row has none. */
export function partOf({ value, baseline }: Row, part: OverlapPart): number | null {
  const number = part === 'chance' ? baseline : value;
  if (typeof number !== 'number') return null;
  if (part !== 'difference') return number;
  return typeof baseline === 'number' ? number - baseline : null;
}

/** A number as it is drawn: differences have a sign, and those of shares are percentage points. */
export function partText(number: number | null, unit: string, part: OverlapPart): string {
  if (number === null) return 'none';
  if (part !== 'difference') return formatValue(number, unit);
  const sign = number > 0 ? '+' : number < 0 ? '−' : '';
  if (unit === 'share') return `${sign}${(100 * Math.abs(number)).toFixed(1)} pp`;
  return `${sign}${formatValue(Math.abs(number), unit)}`;
}

/** Both orders of a pair that is asked once: it reads the same both ways. */
function bothWays(rows: readonly Row[], ordered: boolean): { pair: RunPair; row: Row }[] {
  return rows.flatMap((row) => {
    const partner = partnerOf(row);
    if (partner === null) return [];
    const forward = { pair: { run: row.variant, partner }, row };
    return ordered ? [forward] : [forward, { pair: { run: partner, partner: row.variant }, row }];
  });
}

function shown(row: Row, part: OverlapPart): Pick<LabelledCell, 'value' | 'text'> {
  const value = partOf(row, part);
  return { value, text: partText(value, row.unit, part) };
}

/**
 * A matrix of runs for every reference: the cell says how much of what the run of its column changed the run of its line changed too.
 * Runs without another from the same reference have no place in it.
 */
export function overlapMatrices({ rows, styles, part, ordered }: OverlapInput): OverlapPanel[] {
  const all = bothWays(
    rows.filter(({ level }) => level === 'overall'),
    ordered,
  );
  const references = [...new Set(all.map(({ row }) => row.reference))];
  return references.flatMap((reference) => {
    const own = all.filter(({ row }) => row.reference === reference);
    const paired = new Set(own.flatMap(({ pair }) => [pair.run, pair.partner]));
    const labels = styles.map(({ label }) => label).filter((label) => paired.has(label));
    if (labels.length < 2) return [];
    const cells = own.flatMap(({ pair, row }) => {
      const [column, line] = [labels.indexOf(pair.run), labels.indexOf(pair.partner)];
      return column < 0 || line < 0 ? [] : [{ column, line, row, pair, ...shown(row, part) }];
    });
    return [{ title: `from ${reference}`, columns: labels, lines: labels, cells }];
  });
}

/** Whether rows ask of a pair in both directions: they then have a row for each. */
export function asksBothWays(rows: readonly Row[]): boolean {
  const asked = new Set(rows.map((row) => JSON.stringify([row.variant, partnerOf(row)])));
  return rows.some((row) => asked.has(JSON.stringify([partnerOf(row), row.variant])));
}

/** Runs that have a partner among those shown, in the order in which they are shown. */
export function pairedRuns(matrices: readonly OverlapPanel[], styles: readonly VariantStyle[]): string[] {
  const paired = new Set(matrices.flatMap(({ columns }) => columns));
  return styles.map(({ label }) => label).filter((label) => paired.has(label));
}

/** "a in b" for what is asked in one direction, "a and b" else. */
export function pairName({ run, partner }: RunPair, ordered: boolean): string {
  return ordered ? `${run} in ${partner}` : `${run} and ${partner}`;
}

/**
 * The same value of every pair, by layer or by module. `places` are the columns in the order of the model; those without
 * a number are left out.
 */
export function overlapByPlace(
  { rows, styles, part, ordered }: OverlapInput,
  by: 'layer' | 'module',
  places: readonly string[],
): OverlapPanel {
  const labels = new Set(styles.map(({ label }) => label));
  const own = rows.flatMap((row) => {
    const partner = partnerOf(row);
    if (row.level !== by || partner === null || !labels.has(row.variant) || !labels.has(partner)) return [];
    return [{ row, pair: { run: row.variant, partner }, place: String(row[by]) }];
  });
  const lines = [...new Set(own.map(({ pair }) => pairName(pair, ordered)))];
  const used = new Set(own.flatMap(({ row, place }) => (row.value === null ? [] : [place])));
  const known = places.filter((place) => used.has(place));
  const columns = [...known, ...[...used].filter((place) => !known.includes(place))];
  const cells = own.flatMap(({ row, pair, place }) => {
    const column = columns.indexOf(place);
    const line = lines.indexOf(pairName(pair, ordered));
    return column < 0 ? [] : [{ column, line, row, pair, ...shown(row, part) }];
  });
  return { title: `by ${by}`, columns, lines, cells };
}

/** In words: the lowest and the highest pair of a matrix. */
export function overlapSummary({ title, cells }: OverlapPanel, ordered: boolean): string {
  const numbers = cells.filter(({ value }) => value !== null);
  const [first] = numbers;
  if (!first) return `Runs ${title}: no pair has a number.`;
  const by = (better: (a: number, b: number) => boolean): OverlapCell =>
    numbers.reduce((best, next) => (better(next.value ?? 0, best.value ?? 0) ? next : best), first);
  const [low, high] = [by((a, b) => a < b), by((a, b) => a > b)];
  const name = ({ pair }: OverlapCell): string => pairName(pair, ordered);
  return `Runs ${title}: lowest ${low.text} (${name(low)}), highest ${high.text} (${name(high)}), over ${String(ordered ? numbers.length : numbers.length / 2)} pairs.`;
}

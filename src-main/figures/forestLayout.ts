import type { TrialResult } from '../contract/sweep.ts';
import type { Box, FigureFrame } from './chartFigure.ts';
import { axisExtent, type Extent } from './lineLayout.ts';
import type { Outcome, TrialLevel, TrialScale, TrialValue } from './trialSubject.ts';
import type { VariantStyle } from './variantStyle.ts';

export interface ForestRow {
  readonly result: TrialResult;
  readonly name: string;
  /** 1 for a control below its repair. */
  readonly depth: number;
  readonly style: VariantStyle | null;
  readonly value: TrialValue | null;
  readonly outcome: Outcome | null;
  /** The outcome with its sign and p. */
  readonly says: string;
}

export interface ForestSpec {
  readonly scale: TrialScale;
  readonly rows: readonly ForestRow[];
  readonly levels: readonly TrialLevel[];
  readonly detectable: number | null;
}

export interface ForestLayout {
  readonly em: number;
  readonly plot: Box;
  /** Height of a row. */
  readonly row: number;
  readonly x: Extent;
  readonly height: number;
  /** Whether there is room for words on the right. */
  readonly hasWords: boolean;
}

/** In units of the font size. */
const ROW = 1.5;
const TOP = 2.2;
const AXIS = 3.6;
const WORDS = 13;
const FEW_WORDS = 2;
const WIDE = 52;
const MOST_NAMES = 34;
/** Names are mostly small letters. */
export const NAME_ADVANCE = 0.5;

function extentOf({ rows, levels, scale }: ForestSpec): Extent {
  const values = [
    ...rows.flatMap(({ value }) => (value ? [value.value] : [])),
    ...levels.map(({ value }) => value),
  ];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const reach = Math.max(high - low, 0.05);
  const ends = rows.flatMap(({ value }) => value?.interval ?? []);
  const inside = ends.map((end) => Math.min(high + reach, Math.max(low - reach, end)));
  return axisExtent([...values, ...inside, ...(scale === 'recovery' ? [0, 1] : [])], false);
}

export function forestLayout(spec: ForestSpec, { width, theme }: FigureFrame): ForestLayout {
  const em = theme.fontSize;
  const longest = Math.max(0, ...spec.rows.map(({ name, depth }) => name.length + 3 * depth));
  const left = Math.min((longest * NAME_ADVANCE + 3) * em, MOST_NAMES * em, width * 0.4);
  const hasWords = width >= WIDE * em;
  const right = (hasWords ? WORDS : FEW_WORDS) * em;
  const height = spec.rows.length * ROW * em;
  return {
    em,
    plot: { left, top: TOP * em, width: Math.max(6 * em, width - left - right), height },
    row: ROW * em,
    x: extentOf(spec),
    height: TOP * em + height + AXIS * em,
    hasWords,
  };
}

export function rowBox({ plot, row, em }: ForestLayout, step: number): Box {
  return { left: 0, top: plot.top + step * row, width: plot.left + plot.width + 0.5 * em, height: row };
}

/** Where a value of the axis is, within the plot. */
export function placeOf({ plot, x }: ForestLayout, value: number): number {
  const share = (value - x.min) / (x.max - x.min);
  return plot.left + Math.min(1, Math.max(0, share)) * plot.width;
}

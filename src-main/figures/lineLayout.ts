import type { Box, FigureFrame } from './chartFigure.ts';
import { type LinePanel, type LineSpec, placesOf } from './lineSpec.ts';

/** Ends of an axis, and the distance of its marks where it is linear. */
export interface Extent {
  readonly min: number;
  readonly max: number;
  readonly interval: number | null;
}

export interface PanelLayout {
  /** Where the curves are. */
  readonly plot: Box;
  readonly y: Extent;
}

export interface LineLayout {
  /** The font size, which everything scales with. */
  readonly em: number;
  readonly height: number;
  readonly panels: readonly PanelLayout[];
}

/** Average advance of a letter, in units of the font size. */
export const ADVANCE = 0.56;
/** In units of the font size. */
const TITLE = 2;
const AXIS = 3.6;
const PLOT = 16;
const TICKS = 5;
/** Panels go side by side from this width on. */
const BESIDE = 60;

/** Finite numbers that a panel draws. */
function drawnValues({ log, series, guides = [] }: LinePanel): number[] {
  const levels = guides.flatMap(({ axis, at }) => (axis === 'y' ? [at] : []));
  return [...series.flatMap(({ values }) => values), ...levels].filter(
    (value): value is number => typeof value === 'number' && Number.isFinite(value) && (!log || value > 0),
  );
}

/** The least round step that is not less than a number: 1, 2 or 5 times a power of ten. */
function roundStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 5].find((factor) => factor * power >= raw * (1 - 1e-9)) ?? 10) * power;
}

/** Round ends around all values; from 0 where that costs less than half of the height. */
export function axisExtent(values: readonly number[], log: boolean): Extent {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return log ? { min: 0.1, max: 1, interval: null } : { min: 0, max: 1, interval: 0.5 };
  if (log) {
    const min = Math.floor(Math.log10(low) + 1e-9);
    const max = Math.max(min + 1, Math.ceil(Math.log10(high) - 1e-9));
    return { min: Number(`1e${String(min)}`), max: Number(`1e${String(max)}`), interval: null };
  }
  if (low > 0 && low < high / 2) low = 0;
  if (high < 0 && high > low / 2) high = 0;
  if (low === high) [low, high] = low === 0 ? [0, 1] : [Math.min(0, low), Math.max(0, high)];
  const interval = roundStep((high - low) / 4);
  const round = (value: number): number => Number(value.toPrecision(12));
  return {
    min: round(Math.floor(low / interval + 1e-9) * interval),
    max: round(Math.ceil(high / interval - 1e-9) * interval),
    interval,
  };
}

function longestLabel({ panels }: LineSpec): number {
  return Math.max(0, ...panels.flatMap(({ series }) => series.map(({ label }) => label.length)));
}

/** Places of the panels: titles above, the names of the curves to the right of them. */
export function lineLayout(spec: LineSpec, { width, theme }: FigureFrame): LineLayout {
  const em = theme.fontSize;
  const { panels } = spec;
  const columns = spec.beside && width >= BESIDE * em ? panels.length : 1;
  const column = width / columns;
  const names = Math.min((longestLabel(spec) * ADVANCE * 0.95 + 3) * em, column * 0.3);
  const step = (TITLE + PLOT + AXIS) * em;
  return {
    em,
    height: Math.ceil(panels.length / columns) * step,
    panels: panels.map((panel, index) => ({
      plot: {
        left: (index % columns) * column + TICKS * em,
        top: Math.floor(index / columns) * step + TITLE * em,
        width: Math.max(4 * em, column - TICKS * em - names),
        height: PLOT * em,
      },
      y: axisExtent(drawnValues(panel), panel.log),
    })),
  };
}

/** Where a place is: named ones in the middle of their share of the axis, numbered ones from edge to edge. */
export function xPixel(spec: LineSpec, { left, width }: Box, step: number): number {
  const count = placesOf(spec);
  if (spec.x.names) return left + ((step + 0.5) / count) * width;
  return left + (count < 2 ? 0.5 : step / (count - 1)) * width;
}

/** Where a value is; beyond the ends of the axis for values outside. */
export function yPixel({ plot, y }: PanelLayout, value: number, log: boolean): number {
  const share = log ? Math.log(value / y.min) / Math.log(y.max / y.min) : (value - y.min) / (y.max - y.min);
  return plot.top + (1 - share) * plot.height;
}

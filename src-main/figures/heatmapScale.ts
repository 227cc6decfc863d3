import type { ColourMap } from './colourMap.ts';
import type { HeatmapGrid, HeatmapValue } from './heatmapPanels.ts';

/** Common scale of all panels of a map. */
export interface HeatmapScale {
  readonly map: ColourMap;
  readonly log: boolean;
  /** Ends of the scale in the unit of the measure; the smallest positive value when log. */
  readonly min: number;
  readonly max: number;
  /** Positions and values of the ticks of the colour bar, 0 to 1. */
  readonly ticks: readonly { readonly position: number; readonly value: number }[];
}

/** From this ratio of largest to smallest on, a linear scale would show all small values alike. */
const LOG_RATIO = 30;

function finiteValues(grid: HeatmapGrid): number[] {
  return grid.panels.flatMap((panel) =>
    panel.cells.flatMap(({ value }) => (typeof value === 'number' ? [value] : [])),
  );
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

function greatest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), -Infinity);
}

/** Whether a log scale says more: a wide range of positive values, with zeros among them at most half. */
export function suggestsLog(grid: HeatmapGrid): boolean {
  const values = finiteValues(grid);
  const positive = values.filter((value) => value > 0);
  const isSigned = values.some((value) => value < 0);
  return (
    !isSigned && 2 * positive.length >= values.length && greatest(positive) / least(positive) >= LOG_RATIO
  );
}

/** Multiples of 1, 2 or 5 times a power of ten within the scale, about five of them. */
function roundTicks(min: number, max: number): number[] {
  if (max <= min) return [];
  const raw = (max - min) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5].find((factor) => factor * power >= raw) ?? 10) * power;
  const first = Math.ceil(min / step - 1e-9);
  const count = Math.floor(max / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function powersOfTen(min: number, max: number): number[] {
  const first = Math.ceil(Math.log10(min) - 1e-9);
  const count = Math.floor(Math.log10(max) + 1e-9) - first + 1;
  const every = Math.max(1, Math.ceil(count / 5));
  return Array.from({ length: Math.max(0, count) }, (_, i) => 10 ** (first + i)).filter(
    (_, i) => i % every === 0,
  );
}

/** Where a value lies on the scale, 0 to 1; values beyond its ends are at its ends. */
export function scalePosition(
  { min, max, log }: Pick<HeatmapScale, 'min' | 'max' | 'log'>,
  value: number,
): number {
  if (max <= min) return 0.5;
  if (log && value <= 0) return 0;
  const position = log ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  return Math.min(1, Math.max(0, position));
}

/** How numbers are to be laid on a scale; what is centred has 0 in the middle, also when all are of one sign. */
export interface ScaleChoice {
  readonly log: boolean;
  readonly isCentred: boolean;
}

/** The scale that all panels share; null when no cell has a finite value. Signed values are centred on 0. */
export function heatmapScale(grid: HeatmapGrid, choice: ScaleChoice): HeatmapScale | null {
  return scaleOf(finiteValues(grid), choice);
}

function scaleOf(values: readonly number[], { log, isCentred }: ScaleChoice): HeatmapScale | null {
  if (values.length === 0) return null;
  const [low, max] = [least(values), greatest(values)];
  if (low < 0 || isCentred) {
    const reach = Math.max(Math.abs(low), Math.abs(max));
    return withTicks({ map: 'diverging', log: false, min: -reach, max: reach }, roundTicks(-reach, reach));
  }
  const positive = values.filter((value) => value > 0);
  if (log && positive.length > 0) {
    const min = least(positive);
    return withTicks({ map: 'sequential', log: true, min, max }, powersOfTen(min, max));
  }
  return withTicks({ map: 'sequential', log: false, min: low, max }, low < max ? roundTicks(low, max) : []);
}

/** The scale of the bars on the margins: it holds them and their baselines of all panels, and 0 unless it is logarithmic. */
export function marginScale(grid: HeatmapGrid, choice: ScaleChoice): HeatmapScale | null {
  const margins = grid.panels.flatMap(({ layers, modules }) => [...layers, ...modules]);
  const numbers = margins.flatMap((one: HeatmapValue | undefined) => [one?.value, one?.baseline]);
  const values = numbers.filter((value): value is number => typeof value === 'number');
  return values.length === 0 ? null : scaleOf(choice.log ? values : [0, ...values], choice);
}

/** The ends are always ticks, so that the range is stated. */
function withTicks(scale: Omit<HeatmapScale, 'ticks'>, values: readonly number[]): HeatmapScale {
  const { min, max } = scale;
  if (min === max) return { ...scale, ticks: [{ value: min, position: 0.5 }] };
  const inner = values
    .map((value) => ({ value, position: scalePosition(scale, value) }))
    .filter(({ position }) => position > 0 && position < 1);
  return { ...scale, ticks: [{ value: min, position: 0 }, ...inner, { value: max, position: 1 }] };
}

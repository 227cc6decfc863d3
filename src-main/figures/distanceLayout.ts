import type { Box, FigureFrame } from './chartFigure.ts';
import { ADVANCE, axisExtent, type Extent } from './lineLayout.ts';
import { mostPlaces, type NamedPanel } from './mostPlaces.ts';
import type { TrialLevel, TrialScale, TrialValue } from './trialSubject.ts';
import type { VariantStyle } from './variantStyle.ts';

export interface DistancePoint {
  readonly id: string;
  readonly x: number;
  /** Null where the trial has no value on this probe. */
  readonly value: TrialValue | null;
  readonly style: VariantStyle | null;
  /** Of the repair that brings back most, its name; null for all others. */
  readonly label: string | null;
}

export interface DistancePanel {
  readonly title: string;
  readonly probe: string;
  readonly scale: TrialScale;
  /** The same trials in every panel, in the same order. */
  readonly points: readonly DistancePoint[];
  readonly levels: readonly TrialLevel[];
  readonly detectable: number | null;
}

export interface DistanceSpec {
  readonly xTitle: string;
  readonly isShare: boolean;
  readonly panels: readonly DistancePanel[];
  readonly legend: readonly { readonly label: string; readonly style: VariantStyle }[];
}

export interface DistancePanelLayout {
  readonly plot: Box;
  readonly y: Extent;
  /** Right edge of the room for names of models. */
  readonly right: number;
  /** Where the name of what brings back most begins; null where nothing does. */
  readonly most: { readonly x: number; readonly y: number; readonly lines: readonly string[] } | null;
}

export interface DistanceLayout {
  readonly em: number;
  readonly height: number;
  readonly x: Extent;
  readonly panels: readonly DistancePanelLayout[];
  /** Places of the legend's entries. */
  readonly legend: readonly { readonly x: number; readonly y: number }[];
}

/** Titles begin above the marks of the axis, in units of the font size. */
export const TITLE_INDENT = 4.2;
/** From a title down to its plot. */
export const TITLE_RISE = 1.1;
/** In units of the font size. */
const TITLE = 2.2;
const AXIS = 3.8;
const PLOT = 19;
const TICKS = 4.6;
const BESIDE = 62;
export const LEGEND = 1.5;
/** Intervals are cut this far beyond the values, so that one of a small denominator does not press all others together. */
const FAR = 1.5;

function legendPlaces(spec: DistanceSpec, width: number, em: number): DistanceLayout['legend'] {
  let [x, row] = [0, 0];
  return spec.legend.map(({ label }) => {
    const wide = (label.length * 0.5 + 3) * em;
    if (x > 0 && x + wide > width) [x, row] = [0, row + 1];
    const place = { x, y: (row + 0.6) * LEGEND * em };
    x += wide;
    return place;
  });
}

function valuesOf({ points, levels, scale }: DistancePanel): number[] {
  const shown = points.flatMap(({ value }) => (value ? [value.value] : []));
  const all = [...shown, ...levels.map(({ value }) => value)];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const reach = Math.max(high - low, 0.02) * FAR;
  const ends = points.flatMap(({ value }) => value?.interval ?? []);
  const inside = ends.map((end) => Math.min(high + reach, Math.max(low - reach, end)));
  return [...all, ...inside, ...(scale === 'recovery' ? [0, 1] : [])];
}

function namedPanels(
  { panels }: DistanceSpec,
  columns: number,
  { width, em }: { readonly width: number; readonly em: number },
): NamedPanel[] {
  return panels.map(({ probe, title, points }, index) => {
    const left = ((index % columns) * width) / columns;
    const titled = (TICKS - TITLE_INDENT + title.length * ADVANCE * 1.06 + 1.5) * em;
    const name = points.find(({ label }) => label !== null)?.label ?? null;
    return { probe, name, from: left + titled, to: left + width / columns - em };
  });
}

export function distanceLayout(spec: DistanceSpec, { width, theme }: FigureFrame): DistanceLayout {
  const em = theme.fontSize;
  const columns = width >= BESIDE * em ? Math.min(2, spec.panels.length) : 1;
  const column = width / columns;
  const longest = Math.max(
    0,
    ...spec.panels.flatMap(({ levels }) => levels.map(({ label }) => label.length)),
  );
  const names = Math.min((longest * ADVANCE * 0.95 + 3.2) * em, column * 0.28);
  const legend = legendPlaces(spec, width, em);
  const below = (legend.at(-1)?.y ?? 0) + LEGEND * em;
  const most = mostPlaces(namedPanels(spec, columns, { width, em }), width, em);
  const top = below + most.rows * LEGEND * em;
  const step = (TITLE + PLOT + AXIS) * em;
  const xs = spec.panels.flatMap(({ points }) => points.map(({ x }) => x));
  return {
    em,
    height: top + Math.ceil(spec.panels.length / columns) * step,
    x: axisExtent([0, ...xs], false),
    legend,
    panels: spec.panels.map((panel, index) => {
      const left = (index % columns) * column;
      const plotTop = top + Math.floor(index / columns) * step + TITLE * em;
      const place = most.places[index] ?? null;
      const row = place?.row ?? null;
      const y = row === null ? plotTop - TITLE_RISE * em : below + row * LEGEND * em;
      return {
        plot: {
          left: left + TICKS * em,
          top: plotTop,
          width: Math.max(4 * em, column - TICKS * em - names - em),
          height: PLOT * em,
        },
        y: axisExtent(valuesOf(panel), false),
        right: left + column - em,
        most: place && { x: place.x, y, lines: place.lines },
      };
    }),
  };
}

/** Where a value of the vertical axis is, within the plot. */
export function levelOf({ plot, y }: DistancePanelLayout, value: number): number {
  const share = (value - y.min) / (y.max - y.min);
  return plot.top + (1 - Math.min(1, Math.max(0, share))) * plot.height;
}

/** Where a point is; null where it has no value. */
export function pointOf(
  { x }: DistanceLayout,
  panel: DistancePanelLayout,
  point: DistancePoint,
): { readonly x: number; readonly y: number } | null {
  if (!point.value) return null;
  const share = (point.x - x.min) / (x.max - x.min);
  return { x: panel.plot.left + share * panel.plot.width, y: levelOf(panel, point.value.value) };
}

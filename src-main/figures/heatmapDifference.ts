import type { Role, Row } from '../contract/rows.ts';
import {
  atPlaces,
  type HeatmapCell,
  type HeatmapGrid,
  type HeatmapPanel,
  type HeatmapValue,
} from './heatmapPanels.ts';

/** What is taken away: one variant, or the mean of all variants of a role. */
export type Subtrahend =
  { readonly kind: 'variant'; readonly label: string } | { readonly kind: 'role'; readonly role: Role };

type Value = Row['value'];
type Step = (value: HeatmapValue, other: Value) => { readonly value: Value; readonly reason: string | null };

const isNumber = (value: Value | undefined): value is number => typeof value === 'number';

/** log2 of a ratio, so that twice and half are equally far from 0; it needs two positive numbers. */
function ratio({ value }: HeatmapValue, other: Value): ReturnType<Step> {
  if (!isNumber(value) || !isNumber(other)) return { value: null, reason: 'one side has no number here' };
  if (value <= 0 || other <= 0) return { value: null, reason: 'a ratio needs two positive numbers' };
  return { value: Math.log2(value / other), reason: null };
}

function minus({ value }: HeatmapValue, other: Value): ReturnType<Step> {
  if (!isNumber(value) || !isNumber(other)) return { value: null, reason: 'one side has no number here' };
  return { value: value - other, reason: null };
}

function changed<T extends HeatmapValue>(from: T, other: Value, step: Step): T {
  const { value, reason } = step(from, other);
  return {
    ...from,
    value,
    baseline: null,
    note: {
      ...from.note,
      hasValue: value !== null,
      reason: reason === null ? from.note.reason : (from.note.reason ?? reason),
    },
    sides: { minuend: from.value, subtrahend: other },
  };
}

type OtherAt = {
  readonly cell: (cell: HeatmapCell) => Value;
  readonly layer: (column: number) => Value;
  readonly module: (line: number) => Value;
};

function changedPanel(
  panel: HeatmapPanel,
  lines: number,
  { other, step }: { other: OtherAt; step: Step },
): HeatmapPanel {
  const cells = panel.cells.map((cell) => changed(cell, other.cell(cell), step));
  return {
    ...panel,
    cells,
    ...atPlaces(cells, lines),
    layers: panel.layers.map((value, column) => value && changed(value, other.layer(column), step)),
    modules: panel.modules.map((value, line) => value && changed(value, other.module(line), step)),
  };
}

/** The unweighted mean of what has a number; null where nothing has. */
function meanOf(values: readonly (HeatmapValue | undefined)[]): Value {
  const numbers = values.flatMap((one) => (isNumber(one?.value) ? [one.value] : []));
  return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

/** Panels that a subtrahend is made of. */
function subtracted(panels: readonly HeatmapPanel[], subtrahend: Subtrahend): readonly HeatmapPanel[] {
  return panels.filter(({ style }) =>
    subtrahend.kind === 'variant' ? style.label === subtrahend.label : style.role === subtrahend.role,
  );
}

/**
 * Every panel but the subtrahend's own, minus it: cell by cell, and on the margins margin minus margin. As a ratio, log2 of the quotient.
 * @param all the panels that the subtrahend is looked for in, also those that are not shown
 */
export function differenceGrid(
  grid: HeatmapGrid,
  all: readonly HeatmapPanel[],
  { subtrahend, isRatio }: { subtrahend: Subtrahend; isRatio: boolean },
): HeatmapGrid {
  const lines = grid.lines.length;
  const others = subtracted(all, subtrahend);
  const other: OtherAt = {
    cell: ({ column, line }) => meanOf(others.map(({ at }) => at[column * lines + line])),
    layer: (column) => meanOf(others.map(({ layers }) => layers[column])),
    module: (line) => meanOf(others.map(({ modules }) => modules[line])),
  };
  const isOwn = ({ style }: HeatmapPanel): boolean =>
    subtrahend.kind === 'variant' && style.label === subtrahend.label;
  const about = { other, step: isRatio ? ratio : minus };
  const panels = grid.panels
    .filter((panel) => !isOwn(panel))
    .map((panel) => changedPanel(panel, lines, about));
  return { ...grid, panels };
}

const aboveBaseline: Step = ({ value, baseline }) => {
  if (!isNumber(value)) return { value, reason: null };
  if (!isNumber(baseline)) return { value: null, reason: 'there is no baseline here' };
  return { value: value - baseline, reason: null };
};

/** Every value minus what chance alone would give at the same place. */
export function aboveBaselineGrid(grid: HeatmapGrid): HeatmapGrid {
  const step = (from: HeatmapValue): ReturnType<Step> => aboveBaseline(from, null);
  const above = <T extends HeatmapValue>(from: T): T => ({ ...changed(from, from.baseline, step) });
  const panels = grid.panels.map((panel) => {
    const cells = panel.cells.map(above);
    const margin = (values: readonly (HeatmapValue | undefined)[]): (HeatmapValue | undefined)[] =>
      values.map((value) => value && above(value));
    const margins = { layers: margin(panel.layers), modules: margin(panel.modules) };
    return { ...panel, cells, ...atPlaces(cells, grid.lines.length), ...margins };
  });
  return { ...grid, panels };
}

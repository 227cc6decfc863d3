import { formatValue } from '../contract/format.ts';
import type { TrialResult } from '../contract/sweep.ts';
import type {
  Box,
  ChartFigure,
  FigureCursor,
  FigureFrame,
  FigureTable,
  NoFigure,
  ReadoutLine,
} from './chartFigure.ts';
import type { Elements, FigureElement } from './figureElements.ts';
import {
  labelledCellAt,
  labelledLayout,
  labelledMap,
  labelledScale,
  type LabelledCell,
  type LabelledLayout,
  type LabelledPanel,
} from './labelledMap.ts';
import {
  familyName,
  outcomeOf,
  points,
  probeOf,
  pOf,
  scaleOn,
  scaleTitle,
  type TrialSubject,
  valueOf,
  valueText,
} from './trialSubject.ts';

export interface GridCell extends LabelledCell {
  readonly result: TrialResult;
  /** Not certain to beat the best of its controls. */
  readonly crossed: boolean;
}

type GridPanel = LabelledPanel<GridCell>;
type Value = string | number;

const byValue = (a: Value, b: Value): number =>
  typeof a === 'number' && typeof b === 'number'
    ? a - b
    : String(a).localeCompare(String(b), 'en', { numeric: true });

/** Parameters that differ within a family, those with the most values first. */
function varying(trials: readonly TrialResult[]): { name: string; values: Value[] }[] {
  const names = [...new Set(trials.flatMap(({ trial }) => Object.keys(trial.parameters)))];
  return names
    .map((name) => ({
      name,
      values: [...new Set(trials.flatMap(({ trial }) => trial.parameters[name] ?? []))].sort(byValue),
    }))
    .filter(({ values }) => values.length > 1)
    .toSorted((a, b) => b.values.length - a.values.length);
}

/** Parameters that span the grid: one that follows from those before it, as layers follow from their share, spans nothing. */
function spanning(trials: readonly TrialResult[]): { name: string; values: Value[] }[] {
  const taken: { name: string; values: Value[] }[] = [];
  const places = (names: readonly string[]): number =>
    new Set(trials.map(({ trial }) => JSON.stringify(names.map((name) => trial.parameters[name] ?? null))))
      .size;
  for (const parameter of varying(trials)) {
    const before = taken.map(({ name }) => name);
    if (places([...before, parameter.name]) > places(before)) taken.push(parameter);
  }
  return taken;
}

/** Families of repairs that have a grid: two values of one parameter at least. */
export function gridFamilies({ results }: TrialSubject): string[] {
  const repairs = results.filter(({ trial }) => trial.kind === 'repair');
  return [...new Set(repairs.map(({ trial }) => trial.family))].filter(
    (family) => varying(repairs.filter(({ trial }) => trial.family === family)).length > 0,
  );
}

function cellOf(
  subject: TrialSubject,
  probe: string,
  result: TrialResult,
): Omit<GridCell, 'column' | 'line'> {
  const value = valueOf(result, probe, scaleOn(subject, probe))?.value ?? null;
  const versus = probeOf(result, probe)?.versusControl ?? null;
  return {
    value,
    text: value === null ? '' : formatValue(value, 'share'),
    result,
    crossed: value !== null && (versus === null || outcomeOf(versus) !== 'better'),
  };
}

function panelsOf(subject: TrialSubject, family: string, probe: string): GridPanel[] {
  const trials = subject.results.filter(({ trial }) => trial.kind === 'repair' && trial.family === family);
  const [columns, lines, ...rest] = spanning(trials);
  if (!columns) return [];
  const panelName = ({ trial }: TrialResult): string =>
    rest.map(({ name }) => `${name} ${String(trial.parameters[name] ?? '–')}`).join(', ');
  return [...Map.groupBy(trials, panelName)].map(([name, own]) => ({
    title: name === '' ? columns.name + (lines ? ` × ${lines.name}` : '') : name,
    columns: columns.values.map((value) => `${columns.name} ${String(value)}`),
    lines: lines ? lines.values.map((value) => `${lines.name} ${String(value)}`) : [familyName(family)],
    cells: own.flatMap((result) => {
      const { parameters } = result.trial;
      const column = columns.values.indexOf(parameters[columns.name] ?? '');
      const line = lines ? lines.values.indexOf(parameters[lines.name] ?? '') : 0;
      return column < 0 || line < 0 ? [] : [{ column, line, ...cellOf(subject, probe, result) }];
    }),
  }));
}

const layoutIn = (panels: readonly GridPanel[], { width, theme }: FigureFrame): LabelledLayout =>
  labelledLayout(panels, { width, fontSize: theme.fontSize });

function boxOf({ boxes, cell }: LabelledLayout, panel: number, { column, line }: GridCell): Box {
  const { left = 0, top = 0 } = boxes[panel] ?? {};
  return { left: left + column * cell.width, top: top + line * cell.height, ...cell };
}

/** How far the arms of a cross reach from the corners: the number in the middle is read. */
const ARM = 0.2;

/** The four arms of a cross, in both colours so that it is seen on every cell. */
function cross({ left, top, width, height }: Box, { theme }: FigureFrame): Elements {
  const [inX, inY] = [width * ARM, height * ARM * 1.6];
  return [left + 2, left + width - 2].flatMap((x, right) =>
    [top + 2, top + height - 2].flatMap((y, bottom): Elements => {
      const shape = { x1: x, y1: y, x2: x + (right === 0 ? inX : -inX), y2: y + (bottom === 0 ? inY : -inY) };
      const line = (stroke: string, lineWidth: number, z: number): FigureElement => ({
        type: 'line',
        shape,
        style: { stroke, lineWidth },
        silent: true,
        z,
      });
      return [line(theme.paper, 3, 10), line(theme.ink, 1.25, 11)];
    }),
  );
}

function crosses(panels: readonly GridPanel[], layout: LabelledLayout, frame: FigureFrame): Elements {
  return panels.flatMap((panel, index) =>
    panel.cells.filter(({ crossed }) => crossed).flatMap((cell) => cross(boxOf(layout, index, cell), frame)),
  );
}

function linesOf({ result, crossed }: GridCell, probe: string): ReadoutLine[] {
  const found = probeOf(result, probe);
  const versus = found?.versusControl ?? null;
  const line = (label: string, value: string): ReadoutLine => ({ label, style: null, panel: '', value });
  return [
    line('solved', found ? valueText(found.accuracy) : 'n/a'),
    line('recovered', valueText(valueOf(result, probe, 'recovery'))),
    line('vs control', versus ? points(versus.difference) : 'no control'),
    line('p', versus ? pOf(versus) : 'n/a'),
    line('so', crossed ? 'not certain' : 'beats its control'),
  ];
}

function summaryOf(cells: readonly GridCell[], family: string): string[] {
  const best = cells.toSorted((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity))[0];
  const sure = cells.filter(({ crossed, value }) => !crossed && value !== null);
  return [
    (best?.value ?? null) === null || !best
      ? ''
      : `Best of “${familyName(family)}”: ${best.result.trial.label} with ${best.text}.`,
    sure.length === 0
      ? 'Every cell is crossed out: no repair of this family is certain to beat the best of its controls.'
      : `Certain to beat the best of their controls: ${sure.map(({ result, text }) => `${result.trial.label} (${text})`).join(', ')}.`,
  ].filter((sentence) => sentence !== '');
}

/** A cell and the panel that it is in. */
interface PlacedCell {
  readonly cell: GridCell;
  readonly index: number;
}

function tableOf(cells: readonly PlacedCell[], probe: string): FigureTable {
  const columns: readonly (readonly [string, (cell: GridCell) => string])[] = [
    ['repair', ({ result }) => result.trial.label],
    ['solved', ({ result }) => valueText(valueOf(result, probe, 'accuracy'))],
    ['recovered', ({ result }) => valueText(valueOf(result, probe, 'recovery'))],
    ['against its control', ({ crossed }) => (crossed ? 'not certain' : 'better')],
  ];
  return {
    columns: columns.map(([name]) => name),
    count: cells.length,
    cell: (row, column) => {
      const at = cells[row];
      return at ? (columns[column]?.[1](at.cell) ?? '') : '';
    },
  };
}

function cursorOf(panels: readonly GridPanel[], cells: readonly PlacedCell[], probe: string): FigureCursor {
  return {
    count: cells.length,
    name: (step) => cells[step]?.cell.result.trial.label ?? '',
    lines: (step) => {
      const at = cells[step];
      return at ? linesOf(at.cell, probe) : [];
    },
    boxes: (frame, step) => {
      const at = cells[step];
      return at ? [boxOf(layoutIn(panels, frame), at.index, at.cell)] : [];
    },
    at: (frame, point) => {
      const place = labelledCellAt(layoutIn(panels, frame), point);
      if (!place) return null;
      const { panel, column, line } = place;
      const step = cells.findIndex(
        ({ cell, index }) => index === panel && cell.column === column && cell.line === line,
      );
      return step < 0 ? null : step;
    },
  };
}

/** A family of repairs over its two widest parameters; what does not beat its control is crossed out. */
export function trialGrid(subject: TrialSubject, family: string, probe: string): ChartFigure | NoFigure {
  const panels = panelsOf(subject, family, probe);
  const what = scaleTitle(scaleOn(subject, probe));
  const about = { id: 'grid', title: `Grid of “${familyName(family)}” on ${probe}: ${what}` };
  const cells = panels.flatMap((panel, index) => panel.cells.map((cell) => ({ cell, index })));
  if (!cells.some(({ cell }) => cell.value !== null))
    return {
      ...about,
      reason: 'No repair of this family has answered yet.',
      remedy: 'Cells fill as trials end.',
    };
  const plain = cells.map(({ cell }) => cell);
  return {
    ...about,
    caption: [
      'Crossed out: not certain to beat the best of its controls after Holm’s correction, so that the number may be what any change of this size gives.',
    ],
    summary: summaryOf(plain, family),
    table: tableOf(cells, probe),
    cursor: cursorOf(panels, cells, probe),
    height: (frame) => layoutIn(panels, frame).height,
    option: (frame) => {
      const layout = layoutIn(panels, frame);
      const scale = labelledScale(panels, false);
      return {
        ...labelledMap({ panels, layout, scale, theme: frame.theme }),
        graphic: { elements: crosses(panels, layout, frame) },
      };
    },
  };
}

import type { EChartsOption, HeatmapSeriesOption } from 'echarts';
import { colourStops, groundOf, type ColourMap, type Ground } from './colourMap.ts';
import type { FigureTheme } from './figureTheme.ts';

export interface LabelledCell {
  readonly column: number;
  readonly line: number;
  readonly value: number | null;
  /** The value as people read it. */
  readonly text: string;
}

/** A heat map whose columns and lines have names. */
export interface LabelledPanel<Cell extends LabelledCell = LabelledCell> {
  readonly title: string;
  readonly columns: readonly string[];
  readonly lines: readonly string[];
  readonly cells: readonly Cell[];
}

/** Common scale of all panels: centred on 0 when it diverges. */
export interface LabelledScale {
  readonly map: ColourMap;
  readonly min: number;
  readonly max: number;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface LabelledLayout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly cell: { readonly width: number; readonly height: number };
  /** Room for names of lines, left of every panel. */
  readonly lineNames: number;
  /** Room for names of columns above each panel, and whether they are slanted. */
  readonly columnNames: readonly { readonly height: number; readonly slanted: boolean }[];
}

const ADVANCE = 0.6;
const WIDEST = 76;
const NARROWEST = 24;
const COMFORTABLE = 44;
/** Longer names are cut; they stand in full in the read-out and the table. */
const LONGEST_NAME = 290;
/** And on a narrow page they leave room for the cells. */
const MOST_NAMES = 0.42;
const GAP = 28;
const SLANT = Math.PI / 4;

const longest = (texts: readonly string[]): number =>
  texts.reduce((length, text) => Math.max(length, text.length), 0);

/** The scale that panels share; null without a number. */
export function labelledScale(panels: readonly LabelledPanel[], isSigned: boolean): LabelledScale | null {
  const values = panels.flatMap(({ cells }) => cells.flatMap(({ value }) => value ?? []));
  if (values.length === 0) return null;
  const [min, max] = [Math.min(...values), Math.max(...values)];
  if (!isSigned && min >= 0) return { map: 'sequential', min, max };
  const reach = Math.max(-min, max, Number.MIN_VALUE);
  return { map: 'diverging', min: -reach, max: reach };
}

/** Place of a value on a scale, 0 to 1. */
export function labelledPosition({ min, max }: LabelledScale, value: number): number {
  return max <= min ? 0.5 : Math.min(1, Math.max(0, (value - min) / (max - min)));
}

/** Boxes of the cells: panels beside each other where they fit, below each other else. */
function placeBoxes(
  panels: readonly LabelledPanel[],
  cell: LabelledLayout['cell'],
  {
    lines,
    above,
    isOneRow,
  }: { readonly lines: number; readonly above: readonly number[]; readonly isOneRow: boolean },
): Box[] {
  const highest = Math.max(0, ...above);
  let [left, top] = [0, 0];
  return panels.map(({ columns, lines: own }, index) => {
    const size = { width: cell.width * columns.length, height: cell.height * own.length };
    const box = { left: left + lines, top: top + (isOneRow ? highest : (above[index] ?? 0)), ...size };
    if (isOneRow) left = box.left + box.width + GAP;
    else top = box.top + box.height + GAP / 2;
    return box;
  });
}

/** Arranges panels on a width; names of columns are slanted where cells are narrower than they. */
export function labelledLayout(
  panels: readonly LabelledPanel[],
  { width, fontSize }: { readonly width: number; readonly fontSize: number },
): LabelledLayout {
  const textWidth = (texts: readonly string[]): number =>
    Math.min(LONGEST_NAME, MOST_NAMES * width, Math.ceil(longest(texts) * fontSize * ADVANCE) + 10);
  const lines = textWidth(panels.flatMap((panel) => panel.lines));
  const most = Math.max(1, ...panels.map(({ columns }) => columns.length));
  const total = panels.reduce((sum, { columns }) => sum + columns.length, 0);
  const last = textWidth(panels.at(-1)?.columns ?? []);
  const room = width - (last > WIDEST ? Math.ceil(last * Math.cos(SLANT)) : 0);
  const shared = (room - panels.length * lines - (panels.length - 1) * GAP) / Math.max(1, total);
  const isOneRow = shared >= COMFORTABLE;
  const share = isOneRow ? shared : (room - lines) / most;
  const cell = {
    width: Math.floor(Math.max(NARROWEST, Math.min(WIDEST, share))),
    height: Math.round(fontSize * 1.9),
  };
  const columnNames = panels.map(({ columns }) => {
    const names = textWidth(columns);
    const slanted = names > cell.width;
    const height = Math.round(slanted ? names * Math.sin(SLANT) + fontSize : fontSize * 1.6) + 2;
    return { height, slanted, overhang: slanted ? Math.ceil(names * Math.cos(SLANT)) : 0 };
  });
  const above = columnNames.map(({ height }) => Math.round(fontSize * 1.8) + height);
  const boxes = placeBoxes(panels, cell, { lines, above, isOneRow });
  const rights = boxes.map((box, i) => box.left + box.width + (columnNames[i]?.overhang ?? 0));
  return {
    width: Math.max(width, ...rights),
    height: Math.max(0, ...boxes.map((box) => box.top + box.height)) + 4,
    boxes,
    cell,
    lineNames: lines,
    columnNames,
  };
}

/** Panel, column and line under a point; null between cells. */
export function labelledCellAt(
  { boxes, cell }: LabelledLayout,
  point: { readonly x: number; readonly y: number },
): { panel: number; column: number; line: number } | null {
  for (const [panel, box] of boxes.entries()) {
    const [x, y] = [point.x - box.left, point.y - box.top];
    if (x >= 0 && y >= 0 && x < box.width && y < box.height)
      return { panel, column: Math.floor(x / cell.width), line: Math.floor(y / cell.height) };
  }
  return null;
}

export interface LabelledFigure {
  readonly panels: readonly LabelledPanel[];
  readonly layout: LabelledLayout;
  readonly scale: LabelledScale | null;
  readonly theme: FigureTheme;
}

/** Colours that are read on a cell of a colour: white on dark, near black on light. */
function textColour(map: ColourMap, position: number, ground: Ground): string {
  const isFar = Math.abs(position - 0.5) > 0.28;
  const isDark = map === 'sequential' ? position < 0.5 : isFar === (ground === 'light');
  return isDark ? '#ffffff' : '#17191b';
}

function seriesOf(panel: LabelledPanel, index: number, { layout, scale, theme }: LabelledFigure) {
  const longestText = longest(panel.cells.map(({ text }) => text));
  const fits = longestText * theme.fontSize * 0.9 * ADVANCE + 4 <= layout.cell.width;
  const series: HeatmapSeriesOption = {
    type: 'heatmap',
    name: panel.title,
    xAxisIndex: index,
    yAxisIndex: index,
    data: panel.cells.flatMap(({ column, line, value, text }) => {
      if (value === null || scale === null) return [];
      const position = labelledPosition(scale, value);
      const label = {
        show: fits,
        formatter: () => text,
        color: textColour(scale.map, position, groundOf(theme.paper)),
        fontSize: theme.fontSize * 0.9,
      };
      return [{ value: [column, line, position], label }];
    }),
    itemStyle: { borderColor: theme.paper, borderWidth: 1 },
    emphasis: { disabled: true },
    silent: true,
  };
  return series;
}

/** Height of the column names over a panel and its neighbours, so that their titles stand in one line. */
function namesAbove(layout: LabelledLayout, index: number): number {
  const top = layout.boxes[index]?.top;
  const heights = layout.columnNames.filter((_, other) => layout.boxes[other]?.top === top);
  return Math.max(0, ...heights.map(({ height }) => height));
}

/** Heat maps with named lines and columns on one scale: an ECharts option for a figure of layout.width x layout.height pixels. */
export function labelledMap(figure: LabelledFigure): EChartsOption {
  const { panels, layout, scale, theme } = figure;
  const axis = { type: 'category', axisLine: { show: false }, axisTick: { show: false } } as const;
  const label = { color: theme.ink, fontSize: theme.fontSize, interval: 0, overflow: 'truncate' } as const;
  return {
    animation: false,
    textStyle: { fontFamily: theme.fontFamily, fontSize: theme.fontSize, color: theme.ink },
    grid: layout.boxes.map((box) => ({ ...box, containLabel: false })),
    xAxis: panels.map(({ columns }, gridIndex) => ({
      ...axis,
      gridIndex,
      data: [...columns],
      position: 'top' as const,
      axisLabel: { ...label, rotate: layout.columnNames[gridIndex]?.slanted ? -45 : 0, width: LONGEST_NAME },
    })),
    yAxis: panels.map(({ lines }, gridIndex) => ({
      ...axis,
      gridIndex,
      data: [...lines],
      inverse: true,
      axisLabel: { ...label, width: layout.lineNames - 8 },
    })),
    title: panels.map(({ title }, index) => ({
      text: title,
      left: (layout.boxes[index]?.left ?? 0) - layout.lineNames,
      top: (layout.boxes[index]?.top ?? 0) - namesAbove(layout, index) - theme.fontSize * 1.7,
      padding: 0,
      textStyle: { color: theme.mutedInk, fontSize: theme.fontSize, fontWeight: 'bold' as const },
    })),
    visualMap: {
      show: false,
      type: 'continuous',
      min: 0,
      max: 1,
      dimension: 2,
      inRange: { color: colourStops(scale?.map ?? 'sequential', groundOf(theme.paper)) },
    },
    series: panels.map((panel, index) => seriesOf(panel, index, figure)),
  };
}

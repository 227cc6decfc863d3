import type { CustomSeriesOption, EChartsOption, HeatmapSeriesOption, TitleComponentOption } from 'echarts';
import type { Row } from '../contract/rows.ts';
import { colourStops, groundOf } from './colourMap.ts';
import type { FigureTheme } from './figureTheme.ts';
import { MARGIN_GAP, type HeatmapLayout } from './heatmapLayout.ts';
import { heatmapMargins } from './heatmapMargins.ts';
import { OUTSIDE, type HeatmapCell, type HeatmapGrid, type HeatmapPanel } from './heatmapPanels.ts';
import { scalePosition, type HeatmapScale } from './heatmapScale.ts';
import { colourBar, layerWords, panelMarkers } from './heatmapFurniture.ts';
import { hatchedCell, wordCell } from './heatmapMarks.ts';

export interface HeatmapFigure {
  readonly grid: HeatmapGrid;
  readonly layout: HeatmapLayout;
  /** Null when no cell has a number: all cells are then hatched or words. */
  readonly scale: HeatmapScale | null;
  /** Of the bars on the margins; null without them. */
  readonly margins: HeatmapScale | null;
  readonly format: (value: number) => string;
  readonly theme: FigureTheme;
}

type XAxis = Exclude<NonNullable<EChartsOption['xAxis']>, unknown[]>;
type YAxis = Exclude<NonNullable<EChartsOption['yAxis']>, unknown[]>;

/** Short forms of words that must fit a cell. */
const WORDS: Readonly<Record<string, string>> = { NaN: 'NaN', Infinity: '∞', '-Infinity': '-∞' };

function isNumber(value: Row['value']): value is number {
  return typeof value === 'number';
}

function valueSeries(
  panel: HeatmapPanel,
  index: number,
  { scale, layout, theme }: HeatmapFigure,
): HeatmapSeriesOption {
  const drawn = scale === null ? [] : panel.cells.filter(({ value }) => isNumber(value));
  const position = ({ value }: HeatmapCell): number =>
    scale !== null && isNumber(value) ? scalePosition(scale, value) : 0;
  return {
    type: 'heatmap',
    name: panel.title,
    xAxisIndex: index,
    yAxisIndex: index,
    data: drawn.map((cell) => [cell.column, cell.line, position(cell)]),
    // On cells of a few pixels a border would be most of what is seen.
    itemStyle: {
      borderColor: theme.paper,
      borderWidth: Math.min(layout.cell.width, layout.cell.height) < 9 ? 0 : 0.5,
    },
    progressive: 0,
    emphasis: { disabled: true },
    silent: true,
  };
}

/** Cells without a number: hatched when there is no value, the word itself for NaN and infinity. */
function markSeries(panel: HeatmapPanel, index: number, { theme }: HeatmapFigure): CustomSeriesOption {
  const marked = panel.cells.filter(({ value }) => !isNumber(value));
  return {
    type: 'custom',
    name: `${panel.title}: no number`,
    xAxisIndex: index,
    yAxisIndex: index,
    data: marked.map(({ column, line }) => [column, line]),
    encode: { x: 0, y: 1 },
    silent: true,
    renderItem: ({ dataIndex }, api) => {
      const [x = 0, y = 0] = api.coord([api.value(0), api.value(1)]);
      const [width = 0, height = 0] = api.size?.([1, 1]) as number[];
      const box = { left: x - width / 2, top: y - height / 2, width, height };
      const value = marked[dataIndex]?.value;
      return typeof value === 'string'
        ? wordCell(box, WORDS[value] ?? value, theme)
        : hatchedCell(box, theme);
    },
  };
}

function xAxis(index: number, { grid, layout, theme }: HeatmapFigure): XAxis {
  return {
    type: 'category',
    gridIndex: index,
    data: [...grid.columns],
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: {
      color: theme.mutedInk,
      fontSize: theme.fontSize * 0.92,
      interval: (position: number, text: string) => text === OUTSIDE || position % layout.labelEvery === 0,
      formatter: (text: string) => (text === OUTSIDE ? '–' : text),
      hideOverlap: true,
    },
  };
}

function yAxis(index: number, { grid, layout, theme }: HeatmapFigure): YAxis {
  return {
    type: 'category',
    gridIndex: index,
    data: [...grid.lines],
    inverse: true,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: {
      show: layout.panels[index]?.first ?? true,
      color: theme.ink,
      fontSize: theme.fontSize,
      interval: layout.lineEvery - 1,
      width: layout.labels - 10,
      overflow: 'truncate',
    },
    name: (layout.panels[index]?.first ?? true) ? grid.lineName : '',
    nameLocation: 'start',
    nameGap: theme.fontSize,
    nameTextStyle: {
      color: theme.mutedInk,
      fontSize: theme.fontSize * 0.92,
      align: 'right',
      padding: [0, 8, 0, 0],
    },
  };
}

/** Between the end of a title and the panel beside it. */
const TITLE_GAP = 8;

function panelHeading(
  panel: HeatmapPanel,
  index: number,
  { layout, theme }: HeatmapFigure,
): TitleComponentOption {
  const { left = 0, top = 0 } = layout.panels[index] ?? {};
  const next = layout.panels[index + 1];
  const right = next?.top === top ? next.left - TITLE_GAP : layout.width;
  const marker = theme.fontSize * 1.2;
  return {
    text: panel.title,
    left: left + marker,
    top: top - theme.fontSize * 1.75 - (layout.margin > 0 ? layout.margin + MARGIN_GAP : 0),
    padding: 0,
    textStyle: {
      color: theme.ink,
      fontSize: theme.fontSize,
      fontWeight: 'bold',
      width: Math.max(40, right - left - marker),
      overflow: 'truncate',
    },
  };
}

/**
 * Layer x module heat maps of one measure, one panel per variant, on one scale with its colour bar: an ECharts option for a figure of
 * layout.width x layout.height pixels, without a document.
 */
export function heatmap(figure: HeatmapFigure): EChartsOption {
  const { grid, layout, scale, theme } = figure;
  return {
    animation: false,
    textStyle: { fontFamily: theme.fontFamily, fontSize: theme.fontSize, color: theme.ink },
    grid: layout.panels.map(({ left, top, width, height }) => ({
      left,
      top,
      width,
      height,
      containLabel: false,
    })),
    xAxis: grid.panels.map((_, index) => xAxis(index, figure)),
    yAxis: grid.panels.map((_, index) => yAxis(index, figure)),
    title: grid.panels.map((panel, index) => panelHeading(panel, index, figure)),
    visualMap: {
      show: false,
      type: 'continuous',
      min: 0,
      max: 1,
      dimension: 2,
      seriesIndex: grid.panels.map((_, index) => 2 * index),
      inRange: { color: colourStops(scale?.map ?? 'sequential', groundOf(figure.theme.paper)) },
    },
    graphic: {
      elements: [
        ...colourBar(figure),
        ...panelMarkers(grid, layout, theme),
        ...layerWords(grid, layout, theme),
        ...heatmapMargins(grid, { layout, scale: figure.margins, theme }),
      ],
    },
    series: grid.panels.flatMap((panel, index) => [
      valueSeries(panel, index, figure),
      markSeries(panel, index, figure),
    ]),
  };
}

import type { EChartsOption, HeatmapSeriesOption } from 'echarts';
import { formatValue } from '../contract/format.ts';
import type { Box, FigureFrame } from './chartFigure.ts';
import { colourStops } from './colourMap.ts';
import { axisTitle, bareAxis, figureBase, gridAt } from './figureAxes.ts';
import { words, type Elements } from './figureElements.ts';
import type { FigureTheme } from './figureTheme.ts';

/** Shares in columns and lines. */
export interface ShareGrid {
  readonly columns: readonly string[];
  readonly lines: readonly string[];
  /** The line between the two halves. */
  readonly unchanged: number;
  /** Column by column. */
  readonly shares: readonly (readonly number[])[];
}

/** In units of the font size. */
const LINE = 1.25;
const LEFT = 6.5;
const BAR = { width: 16, height: 0.8 };
/** Shares below are drawn like it. */
const LEAST_SHARE = 1e-5;
const DECADES = 5;
const LINES = 21;

export interface MagnitudeLayout {
  readonly em: number;
  readonly plot: Box;
  readonly height: number;
}

export function magnitudeLayout({ width, theme }: FigureFrame): MagnitudeLayout {
  const em = theme.fontSize;
  const top = 3.4 * em;
  const plot = { left: LEFT * em, top, width: width - (LEFT + 1) * em, height: LINES * LINE * em };
  return { em, plot, height: top + plot.height + 3.6 * em };
}

/** Where a share lies on the colours, 0 to 1. */
function sharePosition(share: number): number {
  return Math.min(1, Math.max(0, 1 + Math.log10(Math.max(share, LEAST_SHARE)) / DECADES));
}

function colourBar({ em, plot }: MagnitudeLayout, { theme }: FigureFrame): Elements {
  const stops = colourStops('sequential', 'light');
  const colorStops = stops.map((color, i) => ({ offset: i / (stops.length - 1), color }));
  const width = Math.min(BAR.width * em, plot.width);
  const bar = { x: plot.left, y: 0.3 * em, width, height: BAR.height * em };
  const ticks = Array.from({ length: DECADES + 1 }, (_, i) => i).filter((i) => i % 2 === 1);
  return [
    {
      type: 'rect',
      shape: bar,
      style: { fill: { type: 'linear', x: 0, y: 0, x2: 1, y2: 0, colorStops, global: false } },
      silent: true,
    },
    ...ticks.map((i) =>
      words(
        {
          x: bar.x + (i / DECADES) * width,
          y: bar.y + bar.height + 0.8 * em,
          text: formatValue(LEAST_SHARE * 10 ** i, 'share'),
          align: i === DECADES ? 'right' : 'center',
          muted: true,
        },
        theme,
      ),
    ),
  ];
}

function boundaries(grid: ShareGrid, { em, plot }: MagnitudeLayout, { theme }: FigureFrame): Elements {
  return [grid.unchanged, grid.unchanged + 1].flatMap((line): Elements => {
    const y = plot.top + line * LINE * em;
    const shape = { x1: plot.left, x2: plot.left + plot.width, y1: y, y2: y };
    return [
      { type: 'line', shape, style: { stroke: theme.paper, lineWidth: 3 }, silent: true, z: 10 },
      {
        type: 'line',
        shape,
        style: { stroke: theme.ink, lineWidth: 1.25, lineDash: [6, 3] },
        silent: true,
        z: 11,
      },
    ];
  });
}

function cells({ shares }: ShareGrid, { paper }: FigureTheme): HeatmapSeriesOption {
  return {
    type: 'heatmap',
    data: shares.flatMap((column, x) =>
      column.flatMap((share, y) => (share > 0 ? [[x, y, sharePosition(share)]] : [])),
    ),
    itemStyle: { borderColor: paper, borderWidth: 0.5 },
    emphasis: { disabled: true },
    silent: true,
  };
}

/** The grid of shares with its colour bar and the rounding boundary: an ECharts option without a document. */
export function magnitudeOption(grid: ShareGrid, frame: FigureFrame): EChartsOption {
  const { theme } = frame;
  const layout = magnitudeLayout(frame);
  const axis = bareAxis(theme);
  const named = axisTitle('magnitude |w|, from this power of two on', theme);
  return {
    ...figureBase(theme),
    grid: gridAt(layout.plot),
    xAxis: { ...axis, ...named, type: 'category', data: [...grid.columns] },
    yAxis: {
      ...axis,
      type: 'category',
      inverse: true,
      data: [...grid.lines],
      axisLabel: { ...axis.axisLabel, interval: 0, hideOverlap: false },
    },
    visualMap: {
      show: false,
      type: 'continuous',
      min: 0,
      max: 1,
      dimension: 2,
      inRange: { color: colourStops('sequential', 'light') },
    },
    series: [cells(grid, theme)],
    graphic: { elements: [...colourBar(layout, frame), ...boundaries(grid, layout, frame)] },
  };
}

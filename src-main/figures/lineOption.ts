import type { EChartsOption, LineSeriesOption, ScatterSeriesOption } from 'echarts';
import type { FigureFrame } from './chartFigure.ts';
import { directLabels } from './directLabels.ts';
import { axisTitle, figureBase, gridAt, tickLabel, tickText } from './figureAxes.ts';
import { markerShape, markerSymbol, words, type Elements } from './figureElements.ts';
import type { FigureTheme } from './figureTheme.ts';
import { placesOf, type LinePanel, type LineSeries, type LineSpec } from './lineSpec.ts';
import { lineLayout, xPixel, yPixel, type PanelLayout } from './lineLayout.ts';

type XAxis = Exclude<NonNullable<EChartsOption['xAxis']>, unknown[]>;
type YAxis = Exclude<NonNullable<EChartsOption['yAxis']>, unknown[]>;

/** Markers along a curve; every point has one where there are few. */
const MARKERS = 3;
const FEW_PLACES = 16;

interface Drawn {
  readonly spec: LineSpec;
  readonly panel: LinePanel;
  readonly index: number;
  readonly layout: PanelLayout;
  readonly theme: FigureTheme;
}

const isDrawn = (value: unknown, log: boolean): value is number =>
  typeof value === 'number' && Number.isFinite(value) && (!log || value > 0);

function axisLook(theme: FigureTheme) {
  return {
    axisLine: { show: true, lineStyle: { color: theme.mutedInk, width: 0.75 } },
    axisTick: { show: true, lineStyle: { color: theme.mutedInk } },
    axisLabel: tickText(theme),
    splitLine: { show: false },
  };
}

function xAxis({ spec, index, theme }: Drawn): XAxis {
  const { x } = spec;
  const shared = { ...axisLook(theme), ...axisTitle(x.title, theme), gridIndex: index };
  if (x.names) {
    const axisLabel = { ...shared.axisLabel, interval: 0 };
    return { ...shared, type: 'category', data: [...x.names], axisLabel };
  }
  const last = x.first + placesOf(spec) - 1;
  return { ...shared, type: 'value', min: x.first, max: Math.max(last, x.first + 1), minInterval: 1 };
}

function yAxis({ panel, index, layout, theme }: Drawn): YAxis {
  const { min, max, interval } = layout.y;
  const look = axisLook(theme);
  const shared = {
    ...look,
    gridIndex: index,
    min,
    max,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: true, lineStyle: { color: theme.rule, width: 0.75 } },
    axisLabel: { ...look.axisLabel, formatter: (value: number) => tickLabel(value, panel.unit) },
  };
  if (panel.log) return { ...shared, type: 'log' };
  return interval === null ? { ...shared, type: 'value' } : { ...shared, type: 'value', interval };
}

/** Points as [place, value]; categories count from 0. */
function points({ spec, panel }: Drawn, { values }: LineSeries): [number, number | null][] {
  const first = spec.x.names ? 0 : spec.x.first;
  return values.map((value, i) => [first + i, isDrawn(value, panel.log) ? value : null]);
}

function curve(drawn: Drawn, series: LineSeries): LineSeriesOption {
  const { index, theme } = drawn;
  return {
    type: 'line',
    name: series.label,
    xAxisIndex: index,
    yAxisIndex: index,
    data: points(drawn, series),
    showSymbol: false,
    lineStyle: {
      color: series.style?.colour ?? theme.ink,
      type: series.style?.dash ?? 'solid',
      width: series.style ? 1.5 : 1.25,
    },
    emphasis: { disabled: true },
    silent: true,
    z: series.style ? 3 : 2,
  };
}

/** A few points of a curve carry the marker of its variant, at other places than those of its neighbours. */
function markers(drawn: Drawn, series: LineSeries, order: number): ScatterSeriesOption[] {
  const { style } = series;
  if (!style) return [];
  const all = points(drawn, series);
  const every = all.length <= FEW_PLACES ? 1 : Math.max(1, Math.floor(all.length / MARKERS));
  const offset = Math.floor(((order % 7) / 7) * every);
  return [
    {
      type: 'scatter',
      name: series.label,
      xAxisIndex: drawn.index,
      yAxisIndex: drawn.index,
      data: all.filter(([, value], i) => value !== null && i % every === offset),
      symbol: markerSymbol(style.marker),
      symbolSize: drawn.theme.fontSize * 0.6,
      itemStyle: { color: style.colour, borderColor: drawn.theme.paper, borderWidth: 0.5 },
      emphasis: { disabled: true },
      silent: true,
      z: 4,
    },
  ];
}

function zoneShapes({ spec, panel, layout, theme }: Drawn): Elements {
  const { plot } = layout;
  return (panel.zones ?? []).flatMap(({ from, to, label }): Elements => {
    const [left, right] = [from, to].map((place) => xPixel(spec, plot, place - spec.x.first)) as [
      number,
      number,
    ];
    const box = { x: left, y: plot.top, width: right - left, height: plot.height };
    return [
      { type: 'rect', shape: box, style: { fill: theme.mutedInk, opacity: 0.16 }, silent: true, z: 0 },
      words({ x: left + 4, y: plot.top + theme.fontSize, text: label, muted: true }, theme),
    ];
  });
}

function guideShapes({ spec, panel, layout, theme }: Drawn): Elements {
  const { plot } = layout;
  const [right, bottom] = [plot.left + plot.width, plot.top + plot.height];
  return (panel.guides ?? []).flatMap(({ axis, at, label, style }): Elements => {
    const [x, y] = [xPixel(spec, plot, at - spec.x.first), yPixel(layout, at, panel.log)];
    const shape =
      axis === 'x' ? { x1: x, x2: x, y1: plot.top, y2: bottom } : { x1: plot.left, x2: right, y1: y, y2: y };
    const stroke = style?.colour ?? (label === '' ? theme.mutedInk : theme.ink);
    const line = { stroke, lineWidth: label === '' ? 1 : 1.25, lineDash: style ? [1.5, 3] : [6, 3] };
    const text =
      axis === 'x'
        ? { x: x - 4, y: bottom - 0.8 * theme.fontSize, align: 'right' as const }
        : { x: plot.left + 4, y: y - 0.7 * theme.fontSize, align: 'left' as const };
    return [
      { type: 'line', shape, style: line, silent: true, z: 1 },
      ...(label === '' ? [] : [words({ ...text, text: label, muted: true, plate: true }, theme)]),
    ];
  });
}

function markShapes({ spec, panel, layout, theme }: Drawn): Elements {
  return (panel.marks ?? []).map(({ x, y, style }) => {
    const centre = { x: xPixel(spec, layout.plot, x - spec.x.first), y: yPixel(layout, y, panel.log) };
    return markerShape(style, { ...centre, radius: theme.fontSize * 0.5 }, theme);
  });
}

function endLabels({ panel, layout, theme }: Drawn, right: number): Elements {
  const { plot } = layout;
  const labels = panel.series.flatMap(({ label, style, values }) => {
    const last = values.findLast((value) => isDrawn(value, panel.log));
    return typeof last === 'number' ? [{ text: label, style, y: yPixel(layout, last, panel.log) }] : [];
  });
  const space = { x: plot.left + plot.width, right, top: plot.top, bottom: plot.top + plot.height };
  return directLabels(labels, space, theme);
}

/** Right edge of the column that a panel stands in. */
function columnEnd(layouts: readonly PanelLayout[], index: number, width: number): number {
  const [own, next] = [layouts[index]?.plot, layouts[index + 1]?.plot];
  if (!own || next?.top !== own.top) return width;
  return next.left - own.left > 0 ? next.left - (layouts[0]?.plot.left ?? 0) : width;
}

/** Curves with their axes, guides and names: an ECharts option without a document. */
export function lineOption(spec: LineSpec, frame: FigureFrame): EChartsOption {
  const { theme, width } = frame;
  const { panels: layouts, em } = lineLayout(spec, frame);
  const drawn = layouts.flatMap((layout, index): Drawn[] => {
    const panel = spec.panels[index];
    return panel ? [{ spec, panel, index, layout, theme }] : [];
  });
  return {
    ...figureBase(theme),
    grid: layouts.map(({ plot }) => gridAt(plot)),
    xAxis: drawn.map(xAxis),
    yAxis: drawn.map(yAxis),
    series: drawn.flatMap((each) =>
      each.panel.series.flatMap((series, order) => [curve(each, series), ...markers(each, series, order)]),
    ),
    graphic: {
      elements: drawn.flatMap((each) => [
        words(
          {
            x: each.layout.plot.left - 4.5 * em,
            y: each.layout.plot.top - 1.1 * em,
            text: each.panel.title,
            weight: 'bold',
          },
          theme,
        ),
        ...zoneShapes(each),
        ...guideShapes(each),
        ...markShapes(each),
        ...endLabels(each, columnEnd(layouts, each.index, width)),
      ]),
    },
  };
}

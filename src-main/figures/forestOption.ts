import type { EChartsOption } from 'echarts';
import type { FigureFrame } from './chartFigure.ts';
import { spreadLabels } from './directLabels.ts';
import { axisTitle, bareAxis, figureBase, gridAt, tickLabel, tickText } from './figureAxes.ts';
import { markerShape, words, type Elements } from './figureElements.ts';
import type { FigureTheme } from './figureTheme.ts';
import {
  forestLayout,
  NAME_ADVANCE,
  placeOf,
  type ForestLayout,
  type ForestRow,
  type ForestSpec,
} from './forestLayout.ts';
import { ADVANCE } from './lineLayout.ts';
import { scaleTitle } from './trialSubject.ts';

function band(spec: ForestSpec, layout: ForestLayout, theme: FigureTheme): Elements {
  const target = spec.levels.find(({ part }) => part === 'target');
  if (!target || spec.detectable === null) return [];
  const [left, right] = [
    placeOf(layout, target.value - spec.detectable),
    placeOf(layout, target.value + spec.detectable),
  ];
  const { top, height } = layout.plot;
  return [
    {
      type: 'rect',
      shape: { x: left, y: top, width: right - left, height },
      style: { fill: theme.mutedInk, opacity: 0.13 },
      silent: true,
      z: 0,
    },
  ];
}

/** Target, donor and reference as upright lines, named above; others are rows only. */
function levelLines(spec: ForestSpec, layout: ForestLayout, theme: FigureTheme): Elements {
  const { plot, em } = layout;
  const named = spec.levels.filter(({ part }) => part !== 'other');
  const widest = Math.max(0, ...named.map(({ label }) => label.length)) * ADVANCE * em + em;
  const places = spreadLabels(
    named.map(({ value }) => placeOf(layout, value)),
    widest,
    { top: plot.left, bottom: plot.left + plot.width },
  );
  return named.flatMap(({ value, label, style, part }, index): Elements => {
    const x = placeOf(layout, value);
    const stroke = style?.colour ?? theme.ink;
    return [
      {
        type: 'line',
        shape: { x1: x, x2: x, y1: plot.top - 0.5 * em, y2: plot.top + plot.height },
        style: { stroke, lineWidth: 1.25, ...(part === 'target' ? {} : { lineDash: [6, 3] }) },
        silent: true,
        z: 1,
      },
      words(
        { x: places[index] ?? x, y: plot.top - 1.2 * em, text: label, align: 'center', muted: true },
        theme,
      ),
    ];
  });
}

function shortened(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, Math.max(1, room - 1))}…`;
}

function rowShapes(row: ForestRow, index: number, layout: ForestLayout, theme: FigureTheme): Elements {
  const { em, plot } = layout;
  const y = plot.top + (index + 0.5) * layout.row;
  const indent = (0.2 + 1.2 * row.depth) * em;
  const room = Math.floor((plot.left - indent - 2 * em) / (NAME_ADVANCE * em));
  const { interval = null, value = null } = row.value ?? {};
  const isSure = row.outcome === 'better' || row.outcome === 'worse';
  const stroke = row.style?.colour ?? theme.ink;
  return [
    ...(row.style ? [markerShape(row.style, { x: indent + 0.5 * em, y, radius: 0.36 * em }, theme)] : []),
    words({ x: indent + 1.3 * em, y, text: shortened(row.name, room), muted: row.depth > 0 }, theme),
    ...(interval
      ? [
          {
            type: 'line' as const,
            shape: { x1: placeOf(layout, interval[0]), x2: placeOf(layout, interval[1]), y1: y, y2: y },
            style: { stroke, lineWidth: isSure ? 3 : 1.25 },
            silent: true,
            z: 3,
          },
        ]
      : []),
    ...(value !== null && row.style
      ? [markerShape(row.style, { x: placeOf(layout, value), y, radius: 0.42 * em }, theme)]
      : []),
    ...(layout.hasWords
      ? [words({ x: plot.left + plot.width + 0.9 * em, y, text: row.says, muted: !isSure }, theme)]
      : [words({ x: plot.left + plot.width + 0.6 * em, y, text: row.says.slice(0, 1) }, theme)]),
  ];
}

/** A thin line above every repair, so that its controls are seen to belong to it. */
function groupRules(spec: ForestSpec, layout: ForestLayout, theme: FigureTheme): Elements {
  const { plot, em } = layout;
  return spec.rows.flatMap(({ depth }, index): Elements => {
    if (depth > 0 || index === 0) return [];
    const y = plot.top + index * layout.row;
    const shape = { x1: 0, x2: plot.left + plot.width + (layout.hasWords ? 12.5 * em : 0), y1: y, y2: y };
    return [{ type: 'line', shape, style: { stroke: theme.rule, lineWidth: 0.75 }, silent: true, z: 0 }];
  });
}

/** Rows with intervals on one axis: an ECharts option without a document. */
export function forestOption(spec: ForestSpec, frame: FigureFrame): EChartsOption {
  const { theme } = frame;
  const layout = forestLayout(spec, frame);
  const { min, max, interval } = layout.x;
  return {
    ...figureBase(theme),
    grid: gridAt(layout.plot),
    xAxis: {
      ...axisTitle(scaleTitle(spec.scale), theme),
      type: 'value',
      min,
      max,
      ...(interval === null ? {} : { interval }),
      axisLabel: { ...tickText(theme), formatter: (value: number) => tickLabel(value, 'share') },
      splitLine: { lineStyle: { color: theme.rule, width: 0.75 } },
    },
    yAxis: {
      ...bareAxis(theme),
      type: 'category',
      inverse: true,
      data: spec.rows.map((_, index) => String(index)),
      axisLabel: { show: false },
    },
    series: [],
    graphic: {
      elements: [
        ...groupRules(spec, layout, theme),
        ...band(spec, layout, theme),
        ...levelLines(spec, layout, theme),
        ...spec.rows.flatMap((row, index) => rowShapes(row, index, layout, theme)),
      ],
    },
  };
}

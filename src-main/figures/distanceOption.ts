import type { EChartsOption } from 'echarts';
import type { FigureFrame } from './chartFigure.ts';
import { directLabels } from './directLabels.ts';
import {
  distanceLayout,
  type DistanceLayout,
  type DistancePanel,
  type DistancePanelLayout,
  type DistanceSpec,
  LEGEND,
  levelOf,
  pointOf,
  TITLE_INDENT,
  TITLE_RISE,
} from './distanceLayout.ts';
import { axisTitle, figureBase, gridAt, tickLabel, tickText } from './figureAxes.ts';
import { markerShape, words, type Elements } from './figureElements.ts';
import type { FigureTheme } from './figureTheme.ts';
import type { Extent } from './lineLayout.ts';

interface Drawn {
  readonly panel: DistancePanel;
  readonly layout: DistanceLayout;
  readonly own: DistancePanelLayout;
  readonly theme: FigureTheme;
}

function band({ panel, own, theme }: Drawn): Elements {
  const target = panel.levels.find(({ part }) => part === 'target');
  if (!target || panel.detectable === null) return [];
  const [top, bottom] = [
    levelOf(own, target.value + panel.detectable),
    levelOf(own, target.value - panel.detectable),
  ];
  const { left, width } = own.plot;
  return [
    {
      type: 'rect',
      shape: { x: left, y: top, width, height: bottom - top },
      style: { fill: theme.mutedInk, opacity: 0.13 },
      silent: true,
      z: 0,
    },
  ];
}

function levelLines({ panel, own, theme }: Drawn): Elements {
  const { left, width } = own.plot;
  return panel.levels.map(({ value, style, part }) => ({
    type: 'line',
    shape: { x1: left, x2: left + width, y1: levelOf(own, value), y2: levelOf(own, value) },
    style: {
      stroke: style?.colour ?? theme.ink,
      lineWidth: part === 'other' ? 1 : 1.5,
      ...(part === 'target' ? {} : { lineDash: part === 'other' ? [1.5, 3] : [6, 3] }),
    },
    silent: true,
    z: 1,
  }));
}

/** Controls lie below repairs. */
function pointShapes({ panel, layout, own, theme }: Drawn): Elements {
  const order = panel.points.toSorted(
    (a, b) => Number(b.style?.point === 'hollow') - Number(a.style?.point === 'hollow'),
  );
  return order.flatMap((point): Elements => {
    const at = pointOf(layout, own, point);
    if (!at || !point.style) return [];
    const hollow = point.style.point === 'hollow';
    const bar = point.value?.interval;
    return [
      ...(bar
        ? [
            {
              type: 'line' as const,
              shape: { x1: at.x, x2: at.x, y1: levelOf(own, bar[0]), y2: levelOf(own, bar[1]) },
              style: { stroke: point.style.colour, lineWidth: 1.25, opacity: hollow ? 0.55 : 0.85 },
              silent: true,
              z: hollow ? 4 : 6,
            },
          ]
        : []),
      { ...markerShape(point.style, { ...at, radius: 0.4 * layout.em }, theme), z: hollow ? 5 : 7 },
    ];
  });
}

/** A ring around the repair that brings back most, and before its name: its control may have more. */
function mostRing({ panel, layout, own, theme }: Drawn): Elements {
  const most = panel.points.find(({ label }) => label !== null);
  const at = most && pointOf(layout, own, most);
  if (!at || !own.most) return [];
  const { em } = layout;
  const { x, y, lines } = own.most;
  const ring = (cx: number, cy: number, r: number): Elements[number] => ({
    type: 'circle',
    shape: { cx, cy, r: r * em },
    style: { fill: 'none', stroke: theme.ink, lineWidth: 1.25 },
    silent: true,
    z: 8,
  });
  return [
    ring(at.x, at.y, 0.8),
    ring(x, y, 0.45),
    ...lines.map((text, line) =>
      words({ x: x + 0.9 * em, y: y + line * LEGEND * em, text, muted: true }, theme),
    ),
  ];
}

function names({ panel, own, theme }: Drawn): Elements {
  const { plot, right } = own;
  return directLabels(
    panel.levels.map(({ label, style, value }) => ({ text: label, style, y: levelOf(own, value) })),
    { x: plot.left + plot.width, right, top: plot.top, bottom: plot.top + plot.height },
    theme,
  );
}

function legend(spec: DistanceSpec, { legend: places, em }: DistanceLayout, theme: FigureTheme): Elements {
  return spec.legend.flatMap(({ label, style }, index): Elements => {
    const { x, y } = places[index] ?? { x: 0, y: 0 };
    return [
      markerShape(style, { x: x + 0.6 * em, y, radius: 0.4 * em }, theme),
      words({ x: x + 1.4 * em, y, text: label, muted: true }, theme),
    ];
  });
}

type Axes = Pick<EChartsOption, 'grid' | 'xAxis' | 'yAxis'>;

const ends = ({ min, max, interval }: Extent) => ({
  min,
  max,
  ...(interval === null ? {} : { interval }),
});

function axes({ xTitle, isShare }: DistanceSpec, drawn: readonly Drawn[], theme: FigureTheme): Axes {
  const line = { lineStyle: { color: theme.mutedInk, width: 0.75 } };
  const label = (unit: string) => ({
    ...tickText(theme),
    formatter: (value: number) => tickLabel(value, unit),
  });
  return {
    grid: drawn.map(({ own }) => gridAt(own.plot)),
    xAxis: drawn.map(({ layout }, gridIndex) => ({
      ...axisTitle(xTitle, theme),
      ...ends(layout.x),
      type: 'value' as const,
      gridIndex,
      axisLine: { show: true, onZero: false, ...line },
      axisTick: { show: true, ...line },
      splitLine: { show: false },
      axisLabel: label(isShare ? 'share' : ''),
    })),
    yAxis: drawn.map(({ own }, gridIndex) => ({
      ...ends(own.y),
      type: 'value' as const,
      gridIndex,
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { show: true, lineStyle: { color: theme.rule, width: 0.75 } },
      axisLabel: label('share'),
    })),
  };
}

function panelShapes(drawn: Drawn): Elements {
  const { own, panel, layout, theme } = drawn;
  const { left, top } = own.plot;
  const title = {
    x: left - TITLE_INDENT * layout.em,
    y: top - TITLE_RISE * layout.em,
    text: panel.title,
    weight: 'bold',
  } as const;
  return [
    words(title, theme),
    ...band(drawn),
    ...levelLines(drawn),
    ...pointShapes(drawn),
    ...mostRing(drawn),
    ...names(drawn),
  ];
}

/** Points over distance, a panel for each probe: an ECharts option without a document. */
export function distanceOption(spec: DistanceSpec, frame: FigureFrame): EChartsOption {
  const { theme } = frame;
  const layout = distanceLayout(spec, frame);
  const drawn = spec.panels.flatMap((panel, index): Drawn[] => {
    const own = layout.panels[index];
    return own ? [{ panel, layout, own, theme }] : [];
  });
  return {
    ...figureBase(theme),
    ...axes(spec, drawn, theme),
    series: [],
    graphic: { elements: [...legend(spec, layout, theme), ...drawn.flatMap(panelShapes)] },
  };
}

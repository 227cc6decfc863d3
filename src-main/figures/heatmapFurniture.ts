import type { GraphicComponentOption } from 'echarts';
import { colourStops, groundOf } from './colourMap.ts';
import type { FigureTheme } from './figureTheme.ts';
import { MARGIN_GAP, type HeatmapLayout } from './heatmapLayout.ts';
import { OUTSIDE, type HeatmapGrid } from './heatmapPanels.ts';
import type { HeatmapScale } from './heatmapScale.ts';
import { markerPolygon } from './markerPath.ts';

/** Drawn things around the cells of a map, as the `elements` of an ECharts graphic component. */
type Elements = NonNullable<Extract<GraphicComponentOption, { elements?: unknown }>['elements']>;

interface Furnished {
  readonly layout: HeatmapLayout;
  readonly scale: HeatmapScale | null;
  readonly format: (value: number) => string;
  readonly theme: FigureTheme;
}

/** Average advance of a digit, in units of the font size. */
const ADVANCE = 0.62;

/** The ends, and what fits between them without touching. */
function readableTicks({ layout, scale, format, theme }: Furnished): HeatmapScale['ticks'] {
  const ticks = scale?.ticks ?? [];
  const half = (value: number): number => (format(value).length * theme.fontSize * ADVANCE) / 2 + 4;
  const { width } = layout.colourBar;
  const last = ticks.at(-1);
  const limit = last ? width - 2 * half(last.value) : width;
  let edge = ticks[0] ? 2 * half(ticks[0].value) : 0;
  return ticks.filter(({ position, value }, index) => {
    if (index === 0 || index === ticks.length - 1) return true;
    const [from, to] = [position * width - half(value), position * width + half(value)];
    if (from < edge || to > limit) return false;
    edge = to;
    return true;
  });
}

function tick(at: { position: number; value: number }, { layout, theme, format }: Furnished): Elements {
  const { left, top, width, height } = layout.colourBar;
  const x = left + at.position * width;
  return [
    {
      type: 'line',
      shape: { x1: x, x2: x, y1: top + height, y2: top + height + 4 },
      style: { stroke: theme.mutedInk, lineWidth: 1 },
      silent: true,
    },
    {
      type: 'text',
      x,
      y: top + height + 6,
      style: {
        text: format(at.value),
        fill: theme.ink,
        font: `${String(theme.fontSize)}px ${theme.fontFamily}`,
        align: at.position === 0 ? 'left' : at.position === 1 ? 'right' : 'center',
      },
      silent: true,
    },
  ];
}

/** The scale of the colours with its ends and round values in between; nothing when there is no scale. */
export function colourBar(figure: Furnished): Elements {
  const { layout, scale } = figure;
  if (scale === null) return [];
  const { left, top, width, height } = layout.colourBar;
  const stops = colourStops(scale.map, groundOf(figure.theme.paper));
  const colorStops = stops.map((color, i) => ({ offset: i / (stops.length - 1), color }));
  return [
    {
      type: 'rect',
      shape: { x: left, y: top, width, height },
      style: { fill: { type: 'linear', x: 0, y: 0, x2: 1, y2: 0, colorStops, global: false } },
      silent: true,
    },
    ...readableTicks(figure).flatMap((at) => tick(at, figure)),
  ];
}

/** The marker of each variant in front of the title of its panel. */
export function panelMarkers(grid: HeatmapGrid, layout: HeatmapLayout, theme: FigureTheme): Elements {
  return grid.panels.flatMap(({ style }, index): Elements => {
    const box = layout.panels[index];
    if (!box) return [];
    const radius = theme.fontSize * 0.38;
    const above = layout.margin > 0 ? layout.margin + MARGIN_GAP : 0;
    const [x, y] = [box.left + theme.fontSize * 0.45, box.top - theme.fontSize * 1.25 - above];
    const points = markerPolygon(style.marker, { x, y, radius });
    const fill = { style: { fill: style.colour }, silent: true };
    if (points) return [{ type: 'polygon', shape: { points }, ...fill }];
    return [{ type: 'circle', shape: { cx: x, cy: y, r: radius }, ...fill }];
  });
}

/** "layer" in front of the numbers of each row of panels, where the names of the lines stand above it. */
export function layerWords(grid: HeatmapGrid, layout: HeatmapLayout, theme: FigureTheme): Elements {
  if (grid.columns.every((column) => column === OUTSIDE)) return [];
  return layout.panels.flatMap(({ first, left, top, height }): Elements => {
    if (!first) return [];
    const font = `${String(theme.fontSize * 0.92)}px ${theme.fontFamily}`;
    const style = { text: 'layer', fill: theme.mutedInk, font, align: 'right' as const };
    return [{ type: 'text', x: left - 8, y: top + height + 8, style, silent: true }];
  });
}

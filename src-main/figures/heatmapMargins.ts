import type { GraphicComponentOption } from 'echarts';
import type { FigureTheme } from './figureTheme.ts';
import { MARGIN_GAP, type Box, type HeatmapLayout } from './heatmapLayout.ts';
import type { HeatmapGrid, HeatmapPanel, HeatmapValue } from './heatmapPanels.ts';
import { scalePosition, type HeatmapScale } from './heatmapScale.ts';

type Elements = NonNullable<Extract<GraphicComponentOption, { elements?: unknown }>['elements']>;

interface Drawn {
  readonly layout: HeatmapLayout;
  readonly scale: HeatmapScale;
  readonly theme: FigureTheme;
}

/** Bars start at zero, or at the low end of a logarithmic scale. */
const originOf = (scale: HeatmapScale): number =>
  scale.log ? 0 : scalePosition(scale, Math.min(scale.max, Math.max(scale.min, 0)));

/** Pixels that a cell of the margin leaves free at its ends. */
const INSET = 1;

interface Slot {
  /** Across the bar: where its cell starts and how long it is. */
  readonly start: number;
  readonly size: number;
}

/** The box along one axis of the margin, from one position of the scale to another. */
type Span = (slot: Slot, from: number, to: number) => Box;

const rect = (box: Box, fill: string, opacity = 1): Elements[number] => ({
  type: 'rect',
  shape: { x: box.left, y: box.top, width: box.width, height: box.height },
  style: { fill, opacity },
  silent: true,
});

function barOf(
  value: HeatmapValue | undefined,
  slot: Slot,
  { span, scale, colour, ink }: { span: Span; scale: HeatmapScale; colour: string; ink: string },
): Elements {
  if (!value) return [];
  const elements: Elements = [];
  const inner = { start: slot.start + INSET, size: Math.max(1, slot.size - 2 * INSET) };
  if (typeof value.value === 'number') {
    const [origin, end] = [originOf(scale), scalePosition(scale, value.value)];
    elements.push(rect(span(inner, Math.min(origin, end), Math.max(origin, end)), colour, 0.85));
  }
  if (typeof value.baseline === 'number') {
    const at = scalePosition(scale, value.baseline);
    elements.push(rect(span({ start: slot.start, size: slot.size }, at, at), ink));
  }
  return elements;
}

/** Thickness of the mark of a baseline, and the least length of a bar. */
const TICK = 1.5;

function panelMargins(panel: HeatmapPanel, box: Box, { layout, scale, theme }: Drawn): Elements {
  const { margin, cell } = layout;
  const floor = box.top - MARGIN_GAP;
  const wall = box.left + box.width + MARGIN_GAP;
  const up: Span = ({ start, size }, from, to) => {
    const height = Math.max(TICK, (to - from) * margin);
    return {
      left: box.left + start,
      width: size,
      top: Math.max(floor - margin, floor - to * margin),
      height: Math.min(height, margin),
    };
  };
  const right: Span = ({ start, size }, from, to) => ({
    left: wall + from * margin - (to === from ? TICK / 2 : 0),
    width: Math.max(TICK, (to - from) * margin),
    top: box.top + start,
    height: size,
  });
  const about = { scale, colour: panel.style.colour, ink: theme.ink };
  const origin = originOf(scale);
  const axis = [
    rect(up({ start: 0, size: box.width }, origin, origin), theme.rule),
    rect(right({ start: 0, size: box.height }, origin, origin), theme.rule),
  ];
  return [
    ...axis,
    ...panel.layers.flatMap((value, column) =>
      barOf(value, { start: column * cell.width, size: cell.width }, { ...about, span: up }),
    ),
    ...panel.modules.flatMap((value, line) =>
      barOf(value, { start: line * cell.height, size: cell.height }, { ...about, span: right }),
    ),
  ];
}

/** All of a layer above its column and all of a module beside its line, as bars on one scale for all panels; baselines are ticks. */
export function heatmapMargins(
  grid: HeatmapGrid,
  drawn: { layout: HeatmapLayout; scale: HeatmapScale | null; theme: FigureTheme },
): Elements {
  const { layout, scale, theme } = drawn;
  if (scale === null || layout.margin === 0) return [];
  return grid.panels.flatMap((panel, index) => {
    const box = layout.panels[index];
    return box ? panelMargins(panel, box, { layout, scale, theme }) : [];
  });
}

import { formatValue } from '../contract/format.ts';
import type { Box, ChartFigure, FigureFrame, ReadoutLine } from './chartFigure.ts';
import { lineLayout, xPixel } from './lineLayout.ts';
import { lineOption } from './lineOption.ts';
import { placesOf, type CurveValue, type LineSpec } from './lineSpec.ts';

function nameOf({ x }: LineSpec, step: number): string {
  return x.names?.[step] ?? String(x.first + step);
}

/** A value of a curve in words; "–" where the curve has no such place. */
function valueText(value: CurveValue | undefined, unit: string): string {
  return value === undefined || value === null ? '–' : formatValue(value, unit);
}

function linesAt({ panels }: LineSpec, step: number): ReadoutLine[] {
  return panels.flatMap(({ title, unit, series }) =>
    series.map(({ label, style, values }) => ({
      label,
      style,
      panel: panels.length > 1 ? title : '',
      value: valueText(values[step], unit),
    })),
  );
}

function boxesAt(spec: LineSpec, frame: FigureFrame, step: number): Box[] {
  return lineLayout(spec, frame).panels.map(({ plot }) => ({
    left: xPixel(spec, plot, step),
    top: plot.top,
    width: 0,
    height: plot.height,
  }));
}

function stepAt(spec: LineSpec, frame: FigureFrame, { x, y }: { x: number; y: number }): number | null {
  const { panels, em } = lineLayout(spec, frame);
  const panel = panels.find(
    ({ plot: { left, top, width, height } }) =>
      x >= left - em && x <= left + width + em && y >= top - em && y <= top + height + em,
  );
  if (!panel) return null;
  const count = placesOf(spec);
  const [first, last] = [xPixel(spec, panel.plot, 0), xPixel(spec, panel.plot, count - 1)];
  const position = last === first ? 0 : ((x - first) / (last - first)) * (count - 1);
  return Math.min(count - 1, Math.max(0, Math.round(position)));
}

/** A figure of curves. */
export function lineFigure(spec: LineSpec): ChartFigure {
  const { id, title, caption, summary, panels } = spec;
  const columns = panels.flatMap((panel) => panel.series.map((series) => ({ panel, series })));
  const several = panels.length > 1;
  return {
    id,
    title,
    caption,
    summary,
    table: {
      columns: [
        spec.x.title,
        ...columns.map(({ panel, series }) => (several ? `${series.label}: ${panel.title}` : series.label)),
      ],
      count: placesOf(spec),
      cell: (row, column) => {
        const found = columns[column - 1];
        if (!found) return nameOf(spec, row);
        return valueText(found.series.values[row], found.panel.unit);
      },
    },
    cursor: {
      count: placesOf(spec),
      name: (step) => `${spec.x.symbol} = ${nameOf(spec, step)}`,
      lines: (step) => linesAt(spec, step),
      boxes: (frame, step) => boxesAt(spec, frame, step),
      at: (frame, point) => stepAt(spec, frame, point),
    },
    height: (frame) => lineLayout(spec, frame).height,
    option: (frame) => lineOption(spec, frame),
  };
}

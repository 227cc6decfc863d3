import type { CustomSeriesRenderItemReturn } from 'echarts';
import type { FigureTheme } from './figureTheme.ts';
import type { Box } from './heatmapLayout.ts';

/** Pixels between the lines of a hatch. */
const HATCH = 6;

/** A cell without a value: diagonal lines, so that it differs from every colour of the scale, also in grey. */
export function hatchedCell(
  { left, top, width, height }: Box,
  theme: FigureTheme,
): CustomSeriesRenderItemReturn {
  const lines: string[] = [];
  for (let offset = HATCH / 2; offset < width + height; offset += HATCH) {
    const from = [left + Math.max(0, offset - height), top + Math.min(offset, height)];
    const to = [left + Math.min(offset, width), top + Math.max(0, offset - width)];
    lines.push(`M${from.join(' ')}L${to.join(' ')}`);
  }
  return {
    type: 'path',
    shape: { pathData: lines.join('') },
    style: { fill: 'none', stroke: theme.mutedInk, lineWidth: 0.8, opacity: 0.7 },
  };
}

/** A cell whose value is a word: NaN or infinity. */
export function wordCell(
  { left, top, width, height }: Box,
  word: string,
  theme: FigureTheme,
): CustomSeriesRenderItemReturn {
  return {
    type: 'group',
    children: [
      {
        type: 'rect',
        shape: { x: left, y: top, width, height },
        style: { fill: 'none', stroke: theme.ink, lineWidth: 1 },
      },
      {
        type: 'text',
        x: left + width / 2,
        y: top + height / 2,
        style: {
          text: word,
          fill: theme.ink,
          font: `${String(Math.min(theme.fontSize, width / 2))}px ${theme.fontFamily}`,
          align: 'center',
          verticalAlign: 'middle',
        },
      },
    ],
  };
}

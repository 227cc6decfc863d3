import type { FigureTheme } from './figureTheme.ts';
import type { Elements } from './figureElements.ts';
import { markerShape } from './figureElements.ts';
import { ADVANCE } from './lineLayout.ts';
import type { VariantStyle } from './variantStyle.ts';

export interface DirectLabel {
  readonly text: string;
  readonly style: VariantStyle | null;
  /** Where its curve ends. */
  readonly y: number;
}

interface LabelSpace {
  /** Right edge of the plot, and of the figure's column. */
  readonly x: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Heights of labels in the given order of their curves: as near as possible to them, at least `gap` apart, all within the space. */
export function spreadLabels(
  wanted: readonly number[],
  gap: number,
  { top, bottom }: { top: number; bottom: number },
): number[] {
  const order = wanted.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  const room = Math.min(gap, wanted.length < 2 ? gap : (bottom - top) / (wanted.length - 1));
  // Groups that touch move as one, around the mean of what their members want.
  const groups: { sum: number; count: number }[] = [];
  const startOf = ({ sum, count }: { sum: number; count: number }): number => {
    const start = sum / count - ((count - 1) * room) / 2;
    return Math.min(bottom - (count - 1) * room, Math.max(top, start));
  };
  for (const { y } of order) {
    let group = { sum: y, count: 1 };
    for (
      let above = groups.at(-1);
      above && startOf(above) + above.count * room > startOf(group);
      above = groups.at(-1)
    ) {
      groups.pop();
      group = { sum: above.sum + group.sum, count: above.count + group.count };
    }
    groups.push(group);
  }
  const placed: number[] = [];
  const heights = groups.flatMap((group) =>
    Array.from({ length: group.count }, (_, i) => startOf(group) + i * room),
  );
  for (const [rank, { index }] of order.entries()) placed[index] = heights[rank] ?? 0;
  return placed;
}

function shortened(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, Math.max(1, room - 1))}…`;
}

/** A line from the end of the curve to its marker and its name. */
function labelElements(
  { text, style, y }: DirectLabel,
  at: number,
  { x, size, letters }: { x: number; size: number; letters: number },
  theme: FigureTheme,
): Elements {
  const em = theme.fontSize;
  const stroke = style?.colour ?? theme.ink;
  const line = [
    [x + 1, y],
    [x + 0.7 * em, at],
    [x + em, at],
  ];
  return [
    {
      type: 'polyline',
      shape: { points: line },
      style: { stroke, lineWidth: 0.75, opacity: 0.7, fill: 'none' },
      silent: true,
    },
    ...(style ? [markerShape(style, { x: x + 1.5 * em, y: at, radius: 0.36 * em }, theme)] : []),
    {
      type: 'text',
      x: x + (style ? 2.15 : 1.25) * em,
      y: at,
      style: {
        text: shortened(text, letters),
        fill: theme.ink,
        font: `${String(size)}px ${theme.fontFamily}`,
        verticalAlign: 'middle',
      },
      silent: true,
    },
  ];
}

/** The name of every curve at its right end, with its marker and a line to it: no legend to look things up in. */
export function directLabels(
  labels: readonly DirectLabel[],
  { x, right, top, bottom }: LabelSpace,
  theme: FigureTheme,
): Elements {
  const em = theme.fontSize;
  const size = Math.max(0.7 * em, Math.min(0.92 * em, (bottom - top) / Math.max(1, labels.length) / 1.1));
  const heights = spreadLabels(
    labels.map(({ y }) => y),
    1.15 * size,
    { top, bottom },
  );
  const letters = Math.floor((right - x - 2.4 * em) / (ADVANCE * size));
  return labels.flatMap((label, index) =>
    labelElements(label, heights[index] ?? label.y, { x, size, letters }, theme),
  );
}

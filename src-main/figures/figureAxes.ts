import type { Box } from './chartFigure.ts';
import type { FigureTheme } from './figureTheme.ts';

/** What all figures have in common. */
export function figureBase({ fontFamily, fontSize, ink }: FigureTheme) {
  return { animation: false, textStyle: { fontFamily, fontSize, color: ink } };
}

/** The name of an axis in the middle below its marks. */
export function axisTitle(name: string, { mutedInk, fontSize }: FigureTheme) {
  return {
    name,
    nameLocation: 'middle' as const,
    nameGap: fontSize * 1.9,
    nameTextStyle: { color: mutedInk, fontSize: fontSize * 0.92 },
  };
}

export function tickText({ mutedInk, fontSize }: FigureTheme) {
  return { color: mutedInk, fontSize: fontSize * 0.92, hideOverlap: true };
}

/** An axis without lines of its own: only its names. */
export function bareAxis(theme: FigureTheme) {
  return {
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: tickText(theme),
  };
}

/** The place of a chart to the pixel: names of axes that are wide must not move it. */
export function gridAt({ left, top, width, height }: Box) {
  return { left, top, width, height, containLabel: false, outerBoundsMode: 'none' as const };
}

/** A round number of an axis in as few letters as it takes: "50 %", "0.01°", "1e-4". */
export function tickLabel(value: number, unit: string): string {
  const scaled = Number((unit === 'share' ? 100 * value : value).toPrecision(6));
  const size = Math.abs(scaled);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e5) ? scaled.toExponential().replace('e+', 'e') : String(scaled);
  if (unit === 'share') return `${text} %`;
  return unit === 'degrees' ? `${text}°` : text;
}

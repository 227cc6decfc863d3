import type { GraphicComponentOption } from 'echarts';
import type { FigureTheme } from './figureTheme.ts';
import { markerPath, markerPolygon } from './markerPath.ts';
import type { Marker, VariantStyle } from './variantStyle.ts';

/** Drawn things beside the series of a chart, as the `elements` of an ECharts graphic component. */
export type Elements = NonNullable<Extract<GraphicComponentOption, { elements?: unknown }>['elements']>;
export type FigureElement = Elements[number];

/** The marker of a variant, in its colour, with an edge of paper so that it stands off its curve. */
export function markerShape(
  { marker, colour, point }: Pick<VariantStyle, 'marker' | 'colour' | 'point'>,
  centre: { readonly x: number; readonly y: number; readonly radius: number },
  theme: FigureTheme,
): FigureElement {
  const points = markerPolygon(marker, centre);
  const [fill, stroke] = point === 'hollow' ? [theme.paper, colour] : [colour, theme.paper];
  const look = {
    style: { fill, stroke, lineWidth: point === 'hollow' ? 1.5 : 0.75 },
    silent: true,
    z: 20,
  };
  if (points) return { type: 'polygon', shape: { points }, ...look };
  return { type: 'circle', shape: { cx: centre.x, cy: centre.y, r: centre.radius }, ...look };
}

/** The same marker as the symbol of a series. */
export function markerSymbol(marker: Marker): string {
  return marker === 'circle' ? 'circle' : `path://${markerPath(marker, { x: 0, y: 0, radius: 10 })}`;
}

export interface Words {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly align?: 'left' | 'center' | 'right';
  readonly weight?: 'bold';
  readonly muted?: boolean;
  /** On a plate of paper, where lines pass behind. */
  readonly plate?: boolean;
}

/** A line of text; y is its middle. */
export function words(
  { x, y, text, align = 'left', weight, muted = false, plate = false }: Words,
  theme: FigureTheme,
): FigureElement {
  const size = String(muted ? theme.fontSize * 0.92 : theme.fontSize);
  return {
    type: 'text',
    x,
    y,
    style: {
      text,
      fill: muted ? theme.mutedInk : theme.ink,
      font: `${weight === undefined ? '' : '600 '}${size}px ${theme.fontFamily}`,
      align,
      verticalAlign: 'middle',
      ...(plate ? { backgroundColor: theme.paper, padding: [1, 3] } : {}),
    },
    silent: true,
    z: 15,
  };
}

import type { Tile } from './TileStore.ts';

/** A part of a tile on whole device pixels of the view. */
export interface Quad {
  readonly tile: Tile;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Where the upper left corner of the quad lies in the tile, in its pixels, and how many of those a device pixel takes. */
  readonly sourceX: number;
  readonly sourceY: number;
  readonly step: number;
}

/** All that a renderer needs to draw one picture. */
export interface StripeScene {
  readonly quads: readonly Quad[];
  /** Colour of every byte, four bytes each; another palette is another array. */
  readonly palette: Uint8ClampedArray<ArrayBuffer>;
  /** Colour where there is no tile: red, green and blue bytes. */
  readonly outside: readonly [number, number, number];
}

export const RENDERER_KINDS = ['webgpu', 'canvas'] as const;
export type RendererKind = (typeof RENDERER_KINDS)[number];

/** Draws a scene on a canvas of its own. All renderers give a pixel the colour of the byte under its centre. */
export interface StripeRenderer {
  readonly kind: RendererKind;
  readonly canvas: HTMLCanvasElement;
  draw(scene: StripeScene): void;
  /** In device pixels. */
  resize(width: number, height: number): void;
  destroy(): void;
}

import type { Quad, StripeRenderer, StripeScene } from './StripeRenderer.ts';
import type { Tile } from './TileStore.ts';

/** Coloured tiles that are kept, four bytes a pixel. */
const MOST_TILES = 320;
/** A quad may begin half a device pixel before its tile. */
const MARGIN = 1;

/** Draws with the canvas of the browser, wherever there is no WebGPU. */
export class CanvasRenderer implements StripeRenderer {
  readonly kind = 'canvas';
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  /** In the order of their last use; all in the colours of one palette. */
  readonly #coloured = new Map<string, OffscreenCanvas>();
  #palette: StripeScene['palette'] | null = null;

  constructor() {
    this.canvas = document.createElement('canvas');
    const context = this.canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('this browser has no canvas');
    this.#context = context;
  }

  draw({ quads, palette, outside }: StripeScene): void {
    if (palette !== this.#palette) this.#coloured.clear();
    this.#palette = palette;
    const context = this.#context;
    context.fillStyle = `rgb(${outside.join(' ')})`;
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    context.imageSmoothingEnabled = false;
    for (const quad of quads) this.#drawQuad(quad, palette);
  }

  resize(width: number, height: number): void {
    this.canvas.width = width;
    this.canvas.height = height;
  }

  destroy(): void {
    this.#coloured.clear();
    this.canvas.remove();
  }

  #drawQuad(
    { tile, x, y, width, height, sourceX, sourceY, step }: Quad,
    palette: StripeScene['palette'],
  ): void {
    const image = this.#colouredTile(tile, palette);
    const [left, top] = [sourceX + MARGIN, sourceY + MARGIN];
    this.#context.drawImage(image, left, top, width * step, height * step, x, y, width, height);
  }

  #colouredTile(tile: Tile, palette: StripeScene['palette']): OffscreenCanvas {
    const known = this.#coloured.get(tile.key);
    const image = known ?? colour(tile, palette);
    this.#coloured.delete(tile.key);
    this.#coloured.set(tile.key, image);
    if (this.#coloured.size > MOST_TILES) {
      const [oldest] = this.#coloured.keys();
      if (oldest !== undefined) this.#coloured.delete(oldest);
    }
    return image;
  }
}

function colour({ rows, columns, pixels }: Tile, palette: StripeScene['palette']): OffscreenCanvas {
  const image = new OffscreenCanvas(columns + 2 * MARGIN, rows + 2 * MARGIN);
  const context = image.getContext('2d');
  if (!context) throw new Error('this browser has no canvas');
  const data = new ImageData(columns, rows);
  const colours = new Uint32Array(palette.buffer);
  const out = new Uint32Array(data.data.buffer);
  for (let i = 0; i < out.length; i++) out[i] = colours[pixels[i] ?? 0] ?? 0;
  context.putImageData(data, MARGIN, MARGIN);
  return image;
}

import type { Box } from './figureLayout.ts';
import type { Furniture } from './furniture.ts';
import type { Viewport } from './Viewport.ts';

export type Side = 'rows' | 'columns';

/** One axis of the picture: where its weights are, on the canvas of the figure. */
export class FigureAxis {
  readonly side: Side;
  readonly box: Box;
  readonly ratio: number;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly start: number;
  readonly length: number;
  readonly #viewport: Viewport;

  constructor({ layout, viewport, tensor }: Furniture, side: Side) {
    this.side = side;
    this.box = layout.picture;
    this.ratio = layout.ratio;
    this.count = tensor[side];
    this.#viewport = viewport;
    const [from, to] = [viewport.at({ x: 0, y: 0 }), viewport.at({ x: this.box.width, y: this.box.height })];
    this.first = Math.max(0, side === 'rows' ? from.y : from.x);
    this.last = Math.min(this.count, side === 'rows' ? to.y : to.x);
    this.start = side === 'rows' ? this.box.y : this.box.x;
    this.length = side === 'rows' ? this.box.height : this.box.width;
  }

  /** Place of the edge before a weight, on the canvas. */
  at(weight: number): number {
    const { x, y } = this.#viewport.screen({ x: weight, y: weight });
    return this.start + (this.side === 'rows' ? y : x);
  }

  /** The part of the canvas that the matrix takes along this axis, within the picture. */
  get extent(): readonly [from: number, to: number] {
    return [Math.max(this.start, this.at(0)), Math.min(this.start + this.length, this.at(this.count))];
  }

  /** Weights in so many CSS pixels. */
  weightsIn(pixels: number): number {
    return (pixels * this.ratio) / this.#viewport.scale;
  }
}

import { HIGHEST_LEVEL, TILE_SIDE } from '../../src-main/contract/stripes.ts';

/** A matrix, in weights. */
export interface MatrixSize {
  readonly rows: number;
  readonly columns: number;
}

/** Where the matrix is shown, in device pixels. */
export interface ViewSize {
  readonly width: number;
  readonly height: number;
}

/** A point or a shift; in device pixels from the corner of the view, or in weights where it says so. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A tile of a level, counted in tiles. */
export interface TilePlace {
  readonly level: number;
  readonly row: number;
  readonly column: number;
}

/** Device pixels of one weight, at most; small matrices may fill the view with more. */
const LARGEST_SCALE = 64;

/** What part of a matrix is on screen. Every change gives another one. */
export class Viewport {
  readonly matrix: MatrixSize;
  readonly view: ViewSize;
  /** Device pixels per weight. */
  readonly scale: number;
  /** The weight, with its fraction, in the middle of the view; x counts columns, y rows. */
  readonly centre: Point;
  /** The corner of the view in device pixels of the matrix; whole ones, so that the picture does not shimmer while it moves. */
  readonly origin: Point;

  private constructor(matrix: MatrixSize, view: ViewSize, scale: number, centre: Point) {
    this.matrix = matrix;
    this.view = view;
    this.scale = Math.min(Math.max(scale, fitScale(matrix, view)), largestScale(matrix, view));
    this.centre = {
      x: held(centre.x, matrix.columns, view.width / this.scale),
      y: held(centre.y, matrix.rows, view.height / this.scale),
    };
    this.origin = {
      x: Math.round(this.centre.x * this.scale - view.width / 2),
      y: Math.round(this.centre.y * this.scale - view.height / 2),
    };
  }

  /** The whole matrix, as large as it fits. */
  static fit(matrix: MatrixSize, view: ViewSize): Viewport {
    const centre = { x: matrix.columns / 2, y: matrix.rows / 2 };
    return new Viewport(matrix, view, fitScale(matrix, view), centre);
  }

  get isFit(): boolean {
    return this.scale <= fitScale(this.matrix, this.view) * (1 + 1e-9);
  }

  get isClosest(): boolean {
    return this.scale >= largestScale(this.matrix, this.view) * (1 - 1e-9);
  }

  /** The level of which a pixel covers at least one device pixel and less than two, so that no pixel of a tile is left out. */
  get level(): number {
    return levelAt(this.scale);
  }

  /** The view moved over the matrix by device pixels. */
  panned({ x, y }: Point): Viewport {
    return this.#with(this.scale, { x: this.centre.x + x / this.scale, y: this.centre.y + y / this.scale });
  }

  /** Closer or farther about a point of the view, whose weight stays where it is as long as the matrix has no margin. */
  zoomed(factor: number, about: Point = { x: this.view.width / 2, y: this.view.height / 2 }): Viewport {
    const scale = Math.min(
      Math.max(this.scale * factor, fitScale(this.matrix, this.view)),
      largestScale(this.matrix, this.view),
    );
    const shift = (at: number, side: number): number => (at - side / 2) * (1 / this.scale - 1 / scale);
    return this.#with(scale, {
      x: this.centre.x + shift(about.x, this.view.width),
      y: this.centre.y + shift(about.y, this.view.height),
    });
  }

  /** So many device pixels per weight about the middle; 1 is one weight on one device pixel. */
  toScale(scale: number): Viewport {
    return this.zoomed(scale / this.scale);
  }

  /** The matrix across the whole view, cut along its longer side. */
  filled(): Viewport {
    const { matrix, view } = this;
    return this.toScale(Math.max(view.width / matrix.columns, view.height / matrix.rows));
  }

  /** The same middle in a view of another size; the whole matrix stays the whole matrix. */
  resized(view: ViewSize): Viewport {
    if (this.isFit) return Viewport.fit(this.matrix, view);
    return new Viewport(this.matrix, view, this.scale, this.centre);
  }

  /** Moved as little as shows a weight with some of its neighbours. */
  showing(row: number, column: number): Viewport {
    const margin = (side: number): number => Math.min(24, side / 4);
    const shift = (at: number, side: number): number => {
      const [low, high] = [margin(side), side - margin(side)];
      return at < low ? at - low : at > high ? at - high : 0;
    };
    const { x, y } = this.screen({ x: column + 0.5, y: row + 0.5 });
    return this.panned({ x: shift(x, this.view.width), y: shift(y, this.view.height) });
  }

  /** The place in weights under a point of the view. */
  at({ x, y }: Point): Point {
    const { origin } = this;
    return { x: (x + origin.x) / this.scale, y: (y + origin.y) / this.scale };
  }

  /** The point of the view where a place in weights is. */
  screen({ x, y }: Point): Point {
    const { origin } = this;
    return { x: x * this.scale - origin.x, y: y * this.scale - origin.y };
  }

  /** The weight under a point of the view; null beside the matrix. */
  weightAt(point: Point): { row: number; column: number } | null {
    const { x, y } = this.at(point);
    const [row, column] = [Math.floor(y), Math.floor(x)];
    const { rows, columns } = this.matrix;
    return row >= 0 && column >= 0 && row < rows && column < columns ? { row, column } : null;
  }

  /** The tiles of a level that are in view, with a ring of so many around them, row by row. */
  tiles(level = this.level, ring = 0): TilePlace[] {
    const side = TILE_SIDE * 2 ** level;
    const from = this.at({ x: 0, y: 0 });
    const to = this.at({ x: this.view.width, y: this.view.height });
    const span = (low: number, high: number, count: number): [first: number, end: number] => [
      Math.max(0, Math.floor(low / side) - ring),
      Math.min(Math.ceil(count / side), Math.ceil(high / side) + ring),
    ];
    const [top, bottom] = span(from.y, to.y, this.matrix.rows);
    const [left, right] = span(from.x, to.x, this.matrix.columns);
    const places: TilePlace[] = [];
    for (let row = top; row < bottom; row++)
      for (let column = left; column < right; column++) places.push({ level, row, column });
    return places;
  }

  #with(scale: number, centre: Point): Viewport {
    return new Viewport(this.matrix, this.view, scale, centre);
  }
}

function levelAt(scale: number): number {
  return Math.min(HIGHEST_LEVEL, Math.max(0, Math.ceil(-Math.log2(scale) - 1e-9)));
}

/** The lowest level at which a matrix is one tile. */
export function coarsestLevel({ rows, columns }: MatrixSize): number {
  return Math.max(0, Math.ceil(Math.log2(Math.max(rows, columns) / TILE_SIDE)));
}

function fitScale({ rows, columns }: MatrixSize, { width, height }: ViewSize): number {
  return Math.min(width / columns, height / rows);
}

function largestScale(matrix: MatrixSize, view: ViewSize): number {
  return Math.max(LARGEST_SCALE, fitScale(matrix, view));
}

/** The middle of a view of so many weights, held so that the view leaves a side of the matrix only where it is larger. */
function held(middle: number, count: number, shown: number): number {
  if (shown >= count) return count / 2;
  return Math.min(Math.max(middle, shown / 2), count - shown / 2);
}

/** A rectangle of a figure, in device pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the parts of a stripe map are: all on whole device pixels, so that profiles and picture meet exactly. */
export interface FigureLayout {
  readonly width: number;
  readonly height: number;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
  readonly picture: Box;
  /** Bars to the right of the rows, and below the columns; no width or height where there is no profile. */
  readonly rowProfile: Box;
  readonly columnProfile: Box;
}

/** In CSS pixels. */
const NARROW = 560;
const MARGINS = { left: 62, top: 34, gap: 6, end: 18, profile: 76 };
const NARROW_MARGINS = { left: 56, top: 34, gap: 4, end: 12, profile: 48 };
const LEAST_HEIGHT = 220;
/** The figure leaves room in the window for its controls. */
const MOST_OF_WINDOW = 0.6;

export interface FigureSpace {
  /** CSS pixels. */
  readonly width: number;
  readonly windowHeight: number;
  readonly ratio: number;
}

/** Lays out a figure: as high as the matrix needs, within the window. */
export function figureLayout(
  { width, windowHeight, ratio }: FigureSpace,
  matrix: { rows: number; columns: number },
): FigureLayout {
  const { left, top, gap, end, profile } = width < NARROW ? NARROW_MARGINS : MARGINS;
  const pictureWidth = Math.max(1, width - left - gap - profile - end);
  const wanted = (pictureWidth * matrix.rows) / matrix.columns;
  const room = MOST_OF_WINDOW * windowHeight - top - gap - profile - end;
  const pictureHeight = Math.max(LEAST_HEIGHT, Math.min(wanted, room));
  const device = (css: number): number => Math.round(css * ratio);
  const picture = {
    x: device(left),
    y: device(top),
    width: device(pictureWidth),
    height: device(pictureHeight),
  };
  return {
    width: device(width),
    height: device(top + pictureHeight + gap + profile + end),
    ratio,
    picture,
    rowProfile: {
      x: picture.x + picture.width + device(gap),
      y: picture.y,
      width: device(profile),
      height: picture.height,
    },
    columnProfile: {
      x: picture.x,
      y: picture.y + picture.height + device(gap),
      width: picture.width,
      height: device(profile),
    },
  };
}

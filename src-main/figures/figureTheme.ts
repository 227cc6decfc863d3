/** Colours and type of a figure; the same figure is drawn on a light page, a dark page and on paper. */
export interface FigureTheme {
  readonly ink: string;
  readonly mutedInk: string;
  readonly rule: string;
  /** What the figure stands on, for gaps between cells. */
  readonly paper: string;
  readonly fontFamily: string;
  /** Pixels. */
  readonly fontSize: number;
}

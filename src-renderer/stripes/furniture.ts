import type { FigureLayout } from './figureLayout.ts';
import type { ProfilePyramid } from './ProfilePyramid.ts';
import type { StudyTensorLike, WeightPlace } from './stripeTensor.ts';
import type { TilePlace, Viewport } from './Viewport.ts';

/** Colours and type of what is drawn about the picture. */
export interface FurnitureInk {
  readonly ink: string;
  readonly muted: string;
  readonly rule: string;
  readonly edge: string;
  readonly paper: string;
  readonly accent: string;
  readonly alarm: string;
  readonly fontFamily: string;
}

/** A profile beside the picture, in the colour of its variant. */
export interface ProfileLine {
  readonly colour: string;
  readonly rows: ProfilePyramid | null;
  readonly columns: ProfilePyramid | null;
}

export interface Furniture {
  readonly layout: FigureLayout;
  readonly viewport: Viewport;
  readonly tensor: StudyTensorLike;
  readonly profiles: readonly ProfileLine[];
  readonly cursor: WeightPlace | null;
  readonly failed: readonly TilePlace[];
  readonly ink: FurnitureInk;
}

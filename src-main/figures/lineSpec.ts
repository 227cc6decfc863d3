import type { Curve, Row } from '../contract/rows.ts';
import type { VariantStyle } from './variantStyle.ts';

export type CurveValue = Curve['values'][number] | null;

export interface LineSeries {
  readonly label: string;
  /** Null for what is no variant: it is drawn in ink. */
  readonly style: VariantStyle | null;
  readonly values: readonly CurveValue[];
}

/** A level or a place that values are read against. */
export interface Guide {
  readonly axis: 'x' | 'y';
  readonly at: number;
  readonly label: string;
  /** Of one variant, in its style; null for all. */
  readonly style: VariantStyle | null;
}

/** A range of places that means something, e.g. angles that counting forces to 0. */
export interface Zone {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** A point of a series that is pointed out. */
export interface PointMark {
  readonly x: number;
  readonly y: number;
  readonly style: VariantStyle;
}

export interface LinePanel {
  readonly title: string;
  /** Unit of contract/measure.ts, for numbers. */
  readonly unit: Row['unit'];
  readonly log: boolean;
  readonly series: readonly LineSeries[];
  readonly guides?: readonly Guide[];
  readonly zones?: readonly Zone[];
  readonly marks?: readonly PointMark[];
}

/** Curves over a common axis, in one or more panels. */
export interface LineSpec {
  readonly id: string;
  readonly title: string;
  readonly x: {
    /** What the axis counts. */
    readonly title: string;
    /** How a place is called, before its number or name. */
    readonly symbol: string;
    /** Place of the first value. */
    readonly first: number;
    /** Names of the places, where they are no numbers. */
    readonly names?: readonly string[];
  };
  readonly panels: readonly LinePanel[];
  /** Side by side where there is room, else below each other. */
  readonly beside: boolean;
  readonly caption: readonly string[];
  readonly summary: readonly string[];
}

/** How many places the axis has. */
export function placesOf({ panels }: Pick<LineSpec, 'panels'>): number {
  return Math.max(0, ...panels.flatMap(({ series }) => series.map(({ values }) => values.length)));
}

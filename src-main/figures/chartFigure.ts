import type { EChartsOption } from 'echarts';
import type { FigureTheme } from './figureTheme.ts';
import type { VariantStyle } from './variantStyle.ts';

/** What a figure is drawn into; its height follows from it. */
export interface FigureFrame {
  /** Pixels. */
  readonly width: number;
  readonly theme: FigureTheme;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** One value under the cursor. */
export interface ReadoutLine {
  readonly label: string;
  /** Null for what is no variant: the base, a baseline. */
  readonly style: VariantStyle | null;
  /** Which of several panels it stands in; empty where there is one. */
  readonly panel: string;
  readonly value: string;
}

/** The places of a figure, one after the other, for pointer and keyboard alike. */
export interface FigureCursor {
  readonly count: number;
  /** e.g. "i = 5". */
  readonly name: (step: number) => string;
  readonly lines: (step: number) => readonly ReadoutLine[];
  /** What is framed at a step; a box without width is an upright line. */
  readonly boxes: (frame: FigureFrame, step: number) => readonly Box[];
  readonly at: (frame: FigureFrame, point: { readonly x: number; readonly y: number }) => number | null;
}

/** The same numbers as the figure. */
export interface FigureTable {
  /** The first column names the place; the others hold numbers. */
  readonly columns: readonly string[];
  readonly count: number;
  readonly cell: (row: number, column: number) => string;
}

/** A figure with everything that goes with it on the page and on paper. */
export interface ChartFigure {
  readonly id: string;
  readonly title: string;
  /** Definition, parameters, method, baseline. */
  readonly caption: readonly string[];
  /** What it shows, in words. */
  readonly summary: readonly string[];
  readonly table: FigureTable;
  readonly cursor: FigureCursor;
  /** Pixels. */
  readonly height: (frame: FigureFrame) => number;
  readonly option: (frame: FigureFrame) => EChartsOption;
}

/** Why there is no figure, and what to do about it. */
export interface NoFigure {
  readonly id: string;
  readonly title: string;
  readonly reason: string;
  readonly remedy: string;
}

export const isFigure = (figure: ChartFigure | NoFigure): figure is ChartFigure => 'option' in figure;

import { OUTSIDE, type HeatmapGrid } from '../../src-main/figures/heatmapPanels.ts';

/** Where the cursor of a map is: the same layer and line in every panel. */
export interface MapPlace {
  readonly panel: number;
  readonly column: number;
  readonly line: number;
}

/** Cells from one place to another, both included; the same in every panel. */
export interface MapArea {
  readonly columns: readonly [first: number, last: number];
  readonly lines: readonly [first: number, last: number];
}

const clamp = (value: number, count: number): number => Math.min(count - 1, Math.max(0, value));

/** The place one arrow key further; page keys change the panel. At the edges the cursor stays. */
export function moved(grid: HeatmapGrid, place: MapPlace, key: string): MapPlace | null {
  const [columns, lines] = [grid.columns.length, grid.lines.length];
  switch (key) {
    case 'ArrowLeft':
      return { ...place, column: clamp(place.column - 1, columns) };
    case 'ArrowRight':
      return { ...place, column: clamp(place.column + 1, columns) };
    case 'ArrowUp':
      return { ...place, line: clamp(place.line - 1, lines) };
    case 'ArrowDown':
      return { ...place, line: clamp(place.line + 1, lines) };
    case 'PageUp':
      return { ...place, panel: clamp(place.panel - 1, grid.panels.length) };
    case 'PageDown':
      return { ...place, panel: clamp(place.panel + 1, grid.panels.length) };
    case 'Home':
      return { ...place, column: 0 };
    case 'End':
      return { ...place, column: columns - 1 };
    default:
      return null;
  }
}

/** "layer 3", or where it lies when it belongs to no layer. */
export function columnName(grid: HeatmapGrid, column: number): string {
  const name = grid.columns[column];
  return name === undefined || name === OUTSIDE ? 'outside the layers' : `layer ${name}`;
}

type Corner = Pick<MapPlace, 'column' | 'line'>;

/** The cells between two corners. */
export function areaBetween(a: Corner, b: Corner): MapArea {
  return {
    columns: [Math.min(a.column, b.column), Math.max(a.column, b.column)],
    lines: [Math.min(a.line, b.line), Math.max(a.line, b.line)],
  };
}

/** All cells of a column, or of a line. */
export function wholeArea(
  grid: HeatmapGrid,
  { column, line }: { column: number | null; line: number | null },
): MapArea {
  return {
    columns: column === null ? [0, grid.columns.length - 1] : [column, column],
    lines: line === null ? [0, grid.lines.length - 1] : [line, line],
  };
}

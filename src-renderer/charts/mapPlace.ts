import { OUTSIDE, type HeatmapCell, type HeatmapGrid } from '../../src-main/figures/heatmapPanels.ts';

/** Where the cursor of a map is: the same layer and module in every panel. */
export interface MapPlace {
  readonly panel: number;
  readonly column: number;
  readonly line: number;
}

/** The cell of a panel at a place; undefined where the measure does not apply or nothing is computed yet. */
export function cellOf(grid: HeatmapGrid, { panel, column, line }: MapPlace): HeatmapCell | undefined {
  return grid.panels[panel]?.cells.find((cell) => cell.column === column && cell.line === line);
}

/** The place one arrow key further. Beyond the edge of a panel lies the next one; at the ends the cursor stays. */
export function moved(grid: HeatmapGrid, place: MapPlace, key: string): MapPlace | null {
  const [columns, lines] = [grid.columns.length, grid.modules.length];
  const clamp = (value: number, count: number): number => Math.min(count - 1, Math.max(0, value));
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

import { OUTSIDE, type HeatmapCell, type HeatmapGrid, type HeatmapPanel } from './heatmapPanels.ts';

/** "layer 3 q_proj", "layer 3 expert 17", or "embed_tokens" outside the layers. */
export function placeName(grid: HeatmapGrid, place: { column: number; line: number }): string {
  const column = grid.columns[place.column];
  const line = [grid.lineName, grid.lines[place.line] ?? ''].filter((word) => word !== '').join(' ');
  return column === OUTSIDE || column === undefined ? line : `layer ${column} ${line}`;
}

type NumberCell = HeatmapCell & { value: number };

function panelSentence(grid: HeatmapGrid, panel: HeatmapPanel, format: (value: number) => string): string {
  const cells = panel.cells
    .filter((cell): cell is NumberCell => typeof cell.value === 'number')
    .toSorted((a, b) => a.value - b.value);
  const missing = panel.cells.length - cells.length;
  const [lowest, middle, highest] = [cells[0], cells[Math.floor((cells.length - 1) / 2)], cells.at(-1)];
  const without = missing === 0 ? '' : `; ${String(missing)} without a number`;
  if (!lowest || !middle || !highest) return `${panel.title}: no value${without}.`;
  const at = (cell: NumberCell): string => `${format(cell.value)} (${placeName(grid, cell)})`;
  return `${panel.title}: lowest ${at(lowest)}, median ${format(middle.value)}, highest ${at(highest)}${without}.`;
}

/** A heat map in words: extremes and their places for each panel. */
export function heatmapSummary(grid: HeatmapGrid, format: (value: number) => string): string[] {
  return grid.panels.map((panel) => panelSentence(grid, panel, format));
}

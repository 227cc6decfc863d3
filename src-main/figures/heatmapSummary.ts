import { formatValue } from '../contract/format.ts';
import type { MeasureInfo } from '../contract/measure.ts';
import {
  OUTSIDE,
  panelTitle,
  type HeatmapCell,
  type HeatmapGrid,
  type HeatmapPanel,
} from './heatmapPanels.ts';

/** "layer 3 q_proj", or "embed_tokens" outside the layers. */
export function placeName(grid: HeatmapGrid, place: { column: number; line: number }): string {
  const column = grid.columns[place.column];
  const module = grid.modules[place.line] ?? '';
  return column === OUTSIDE || column === undefined ? module : `layer ${column} ${module}`;
}

type NumberCell = HeatmapCell & { row: { value: number } };

function panelSentence(grid: HeatmapGrid, panel: HeatmapPanel, unit: string): string {
  const cells = panel.cells
    .filter((cell): cell is NumberCell => typeof cell.row.value === 'number')
    .toSorted((a, b) => a.row.value - b.row.value);
  const missing = panel.cells.length - cells.length;
  const [lowest, middle, highest] = [cells[0], cells[Math.floor((cells.length - 1) / 2)], cells.at(-1)];
  const without = missing === 0 ? '' : `; ${String(missing)} without a number`;
  if (!lowest || !middle || !highest) return `${panelTitle(panel)}: no value${without}.`;
  const at = (cell: NumberCell): string => `${formatValue(cell.row.value, unit)} (${placeName(grid, cell)})`;
  const median = formatValue(middle.row.value, unit);
  return `${panelTitle(panel)}: lowest ${at(lowest)}, median ${median}, highest ${at(highest)}${without}.`;
}

/** A heat map in words: extremes and their places for each variant. */
export function heatmapSummary(grid: HeatmapGrid, measure: Pick<MeasureInfo, 'unit'>): string[] {
  return grid.panels.map((panel) => panelSentence(grid, panel, measure.unit));
}

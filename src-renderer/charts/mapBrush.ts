import { OUTSIDE, type HeatmapGrid } from '../../src-main/figures/heatmapPanels.ts';
import type { Brushed } from '../state/Selection.svelte.ts';
import type { MapArea } from './mapPlace.ts';

/** Which lines of the map stand for which modules: each its own, or all lines for the one module that is looked into. */
export type ModuleOf = (line: string) => string;

/** The layers and modules of an area. All lines of the map are all modules; tensors outside the layers come along only without others. */
export function brushedArea(grid: HeatmapGrid, { columns, lines }: MapArea, moduleOf: ModuleOf): Brushed {
  const numbers = grid.columns
    .slice(columns[0], columns[1] + 1)
    .filter((name) => name !== OUTSIDE)
    .map(Number);
  const inside = grid.columns.filter((name) => name !== OUTSIDE).length;
  const isWholeDepth = numbers.length === inside;
  const [first, last] = [numbers[0], numbers.at(-1)];
  const names = [...new Set(grid.lines.slice(lines[0], lines[1] + 1).map(moduleOf))];
  const all = new Set(grid.lines.map(moduleOf));
  const isPart = names.length < all.size || grid.lines.some((line) => moduleOf(line) !== line);
  return {
    layers: first === undefined || last === undefined || isWholeDepth ? null : [first, last],
    modules: isPart ? names : null,
  };
}

/** Whether a cell belongs to what is brushed. */
export function isBrushed(
  { layers, modules }: Brushed,
  { column, line }: { column: string; line: string },
  moduleOf: ModuleOf,
): boolean {
  const layer = column === OUTSIDE ? null : Number(column);
  if (layers !== null && (layer === null || layer < layers[0] || layer > layers[1])) return false;
  return modules === null || modules.includes(moduleOf(line));
}

import { panelTitle, type HeatmapGrid } from './heatmapPanels.ts';

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where everything of a map lies, in pixels of the figure. */
export interface HeatmapLayout {
  readonly width: number;
  readonly height: number;
  /** The cells of each panel; titles stand above, module names on the left of the first panel of a line. */
  readonly panels: readonly (Box & { readonly first: boolean })[];
  readonly colourBar: Box;
  readonly cell: { readonly width: number; readonly height: number };
  /** Every how many columns a label fits. */
  readonly labelEvery: number;
}

export interface LayoutOptions {
  readonly width: number;
  readonly fontSize: number;
}

const WIDEST_CELL = 44;
const NARROWEST_CELL = 5;
const COMFORTABLE_CELL = 18;
/** Longer titles are cut; the whole label is in the read-out. */
const LONGEST_TITLE = 180;
const WIDEST_BAR = 360;
const NARROW_BAR = 240;
/** What the last number of the colour bar may stick out. */
const END_ROOM = 16;
/** Average advance of a character in a sans-serif face, in units of the font size. */
const ADVANCE = 0.62;

function longest(texts: readonly string[]): number {
  return texts.reduce((length, text) => Math.max(length, text.length), 0);
}

/** As many panels beside each other as leave comfortable cells and uncut titles; at least one. */
function panelsPerLine(count: number, panelWidth: number, room: { width: number; gap: number }): number {
  const fits = Math.floor((room.width + room.gap) / (panelWidth + room.gap));
  return Math.min(count, Math.max(1, fits));
}

/** Space for the module names on the left. */
function labelWidth(grid: HeatmapGrid, fontSize: number): number {
  return Math.ceil(longest(grid.modules) * fontSize * ADVANCE) + 10;
}

/** The colour bar stands over the cells, or over the whole figure where they are too narrow for its numbers. */
function colourBarBox(labels: number, { width, fontSize }: LayoutOptions): Box {
  const left = width - labels >= NARROW_BAR + END_ROOM ? labels : 2;
  return {
    left,
    top: Math.round(fontSize * 0.5),
    width: Math.max(NARROW_BAR / 2, Math.min(WIDEST_BAR, width - left - END_ROOM)),
    height: Math.round(fontSize),
  };
}

/**
 * Arranges the panels of a map side by side on a given width. Cells are at most 44 pixels wide; a single panel of very many layers
 * keeps cells of at least 5 pixels and makes the figure wider than asked.
 */
export function heatmapLayout(grid: HeatmapGrid, options: LayoutOptions): HeatmapLayout {
  const { width, fontSize } = options;
  const columns = Math.max(1, grid.columns.length);
  const labels = labelWidth(grid, fontSize);
  const gap = Math.round(fontSize * 1.6);
  const room = width - labels - 2;
  const titles = (longest(grid.panels.map(panelTitle)) + 3) * fontSize * ADVANCE;
  const narrowest = Math.max(columns * COMFORTABLE_CELL, Math.min(LONGEST_TITLE, titles));
  const perLine = panelsPerLine(Math.max(1, grid.panels.length), narrowest, { width: room, gap });
  const share = Math.floor((room - gap * (perLine - 1)) / perLine / columns);
  const cell = {
    width: Math.max(NARROWEST_CELL, Math.min(WIDEST_CELL, share)),
    height: Math.round(fontSize * 1.55),
  };
  const box = { width: cell.width * columns, height: cell.height * grid.modules.length };
  const top = Math.round(fontSize * 4.9);
  const title = Math.round(fontSize * 2);
  const lineHeight = title + box.height + Math.round(fontSize * 3.4);
  const panels = grid.panels.map((_, index) => ({
    ...box,
    left: labels + (index % perLine) * (box.width + gap),
    top: top + Math.floor(index / perLine) * lineHeight + title,
    first: index % perLine === 0,
  }));
  return {
    width: Math.max(width, labels + perLine * box.width + (perLine - 1) * gap + 2),
    height: top + Math.ceil(grid.panels.length / perLine) * lineHeight,
    panels,
    colourBar: colourBarBox(labels, options),
    cell,
    labelEvery: Math.max(
      1,
      Math.ceil((longest(grid.columns.slice(0, -1)) * fontSize * ADVANCE + 6) / cell.width),
    ),
  };
}

/** Panel, column and line under a point of the figure; null between panels. */
export function cellAt(
  layout: HeatmapLayout,
  point: { x: number; y: number },
): { panel: number; column: number; line: number } | null {
  for (const [panel, box] of layout.panels.entries()) {
    const x = point.x - box.left;
    const y = point.y - box.top;
    if (x >= 0 && y >= 0 && x < box.width && y < box.height) {
      return { panel, column: Math.floor(x / layout.cell.width), line: Math.floor(y / layout.cell.height) };
    }
  }
  return null;
}

/** The box of a cell of a panel. */
export function cellBox(
  layout: HeatmapLayout,
  panel: number,
  place: { column: number; line: number },
): Box | null {
  const box = layout.panels[panel];
  if (!box) return null;
  const { width, height } = layout.cell;
  return { left: box.left + place.column * width, top: box.top + place.line * height, width, height };
}

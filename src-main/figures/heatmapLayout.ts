import type { HeatmapGrid } from './heatmapPanels.ts';

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
  /** The cells of each panel; titles stand above, names of lines on the left of the first panel of a row of panels. */
  readonly panels: readonly (Box & { readonly first: boolean })[];
  /** Space for the names of lines. */
  readonly labels: number;
  /** Length of the bars above and on the right of the cells; 0 without them. */
  readonly margin: number;
  readonly colourBar: Box;
  readonly cell: { readonly width: number; readonly height: number };
  /** Every how many columns, and lines, a label fits. */
  readonly labelEvery: number;
  readonly lineEvery: number;
}

export interface LayoutOptions {
  readonly width: number;
  /** What the panels should fit into if they can; a figure on paper has none. */
  readonly height?: number;
  readonly fontSize: number;
  readonly hasMargins: boolean;
}

const WIDEST_CELL = 64;
/** Wider cells are worth no further row of panels. */
const COMFORTABLE_WIDTH = 36;
/** With more lines than this, such as experts, cells may be low and names are left out. */
const LOW_LINES = 40;
const NARROWEST_CELL = 5;
const LOWEST_CELL = 4;
/** Longer titles are cut; the whole label is in the read-out. */
const LONGEST_TITLE = 118;
const WIDEST_BAR = 360;
const NARROW_BAR = 240;
/** What the last number of the colour bar may stick out. */
const END_ROOM = 16;
/** Average advance of a character in a sans-serif face, in units of the font size. */
const ADVANCE = 0.57;
/** Between the cells and the bars on their margin. */
export const MARGIN_GAP = 4;

function longest(texts: readonly string[]): number {
  return texts.reduce((length, text) => Math.max(length, text.length), 0);
}

const comfortable = (fontSize: number): number => Math.round(fontSize * 1.55);

/** Space for the names of lines on the left; on a narrow figure they are cut to a third of it. */
function labelWidth({ lines, lineName }: HeatmapGrid, { width, fontSize }: LayoutOptions): number {
  const characters = Math.max(longest(lines), lineName.length);
  return Math.min(Math.ceil(characters * fontSize * ADVANCE) + 12, Math.round(width / 3));
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

interface Measured {
  readonly columns: number;
  readonly lines: number;
  readonly labels: number;
  readonly gap: number;
  readonly margin: number;
  /** Width of a panel besides its cells. */
  readonly beside: number;
  /** Height of a row of panels besides its cells: title and bars above, layer numbers below. */
  readonly above: number;
  readonly below: number;
  readonly top: number;
}

function measured(grid: HeatmapGrid, options: LayoutOptions): Measured {
  const { fontSize, hasMargins } = options;
  const margin = hasMargins ? Math.round(fontSize * 2.4) : 0;
  return {
    columns: Math.max(1, grid.columns.length),
    lines: Math.max(1, grid.lines.length),
    labels: labelWidth(grid, options),
    gap: Math.round(fontSize * 1.5),
    margin,
    beside: hasMargins ? margin + MARGIN_GAP : 0,
    above: Math.round(fontSize * 1.9) + (hasMargins ? margin + MARGIN_GAP : 0),
    below: Math.round(fontSize * 2.1),
    top: Math.round(fontSize * 3.4),
  };
}

/** Width of a cell when so many panels stand beside each other. */
function cellWidth(perRow: number, { columns, labels, gap, beside }: Measured, width: number): number {
  const room = width - labels - 2 - gap * (perRow - 1);
  const share = Math.floor((room / perRow - beside) / columns);
  return Math.max(NARROWEST_CELL, Math.min(WIDEST_CELL, share));
}

/**
 * At least so many rows of panels that cells and titles are readable; more, for wider cells, while they fit into the height; and no fewer panels
 * in a row than that many rows need.
 */
function panelsPerRow(count: number, sizes: Measured, options: LayoutOptions): number {
  const { width, height = 0, fontSize } = options;
  const { columns, lines, labels, gap, beside, above, below, top } = sizes;
  const readable = columns > 40 ? NARROWEST_CELL : columns > 16 ? 8 : fontSize;
  const panel = Math.max(columns * readable + beside, LONGEST_TITLE);
  const fits = Math.max(1, Math.floor((width - labels - 2 + gap) / (panel + gap)));
  const inRows = (rows: number): number => Math.ceil(count / rows);
  const lowest = lines > LOW_LINES ? LOWEST_CELL : comfortable(fontSize);
  let rows = inRows(Math.min(count, fits));
  while (
    rows < count &&
    cellWidth(inRows(rows), sizes, width) < COMFORTABLE_WIDTH &&
    top + (rows + 1) * (above + lines * lowest + below) <= height
  )
    rows++;
  return inRows(rows);
}

function cellSize(
  perRow: number,
  rows: number,
  sizes: Measured,
  options: LayoutOptions,
): HeatmapLayout['cell'] {
  const { lines, above, below, top } = sizes;
  const { height = 0, fontSize } = options;
  const share = Math.floor(((height - top) / rows - above - below) / lines);
  const lowest = lines > LOW_LINES ? LOWEST_CELL : comfortable(fontSize);
  return {
    width: cellWidth(perRow, sizes, options.width),
    height: Math.max(lowest, Math.min(Math.round(fontSize * 2.1), share)),
  };
}

/**
 * Arranges the panels of a map in rows on a given width. Cells fill it up to 64 pixels each; a panel of very many layers keeps cells of at
 * least 5 pixels and makes the figure wider than asked.
 */
export function heatmapLayout(grid: HeatmapGrid, options: LayoutOptions): HeatmapLayout {
  const { width, fontSize } = options;
  const sizes = measured(grid, options);
  const count = Math.max(1, grid.panels.length);
  const perRow = panelsPerRow(count, sizes, options);
  const rows = Math.ceil(count / perRow);
  const cell = cellSize(perRow, rows, sizes, options);
  const box = { width: cell.width * sizes.columns, height: cell.height * sizes.lines };
  const [across, down] = [box.width + sizes.beside + sizes.gap, sizes.above + box.height + sizes.below];
  const panels = grid.panels.map((_, index) => ({
    ...box,
    left: sizes.labels + (index % perRow) * across,
    top: sizes.top + Math.floor(index / perRow) * down + sizes.above,
    first: index % perRow === 0,
  }));
  const widestNumber = longest(grid.columns.slice(0, -1)) * fontSize * ADVANCE + 6;
  return {
    width: Math.max(width, sizes.labels + perRow * across - sizes.gap + 2),
    height: sizes.top + rows * down,
    panels,
    labels: sizes.labels,
    margin: sizes.margin,
    colourBar: colourBarBox(sizes.labels, options),
    cell,
    labelEvery: Math.max(1, Math.ceil(widestNumber / cell.width)),
    lineEvery: Math.max(1, Math.ceil((fontSize * 1.15) / cell.height)),
  };
}

/** A point of a map: a cell, the number of a layer (no line), or the name of a line (no column). */
export interface MapPoint {
  readonly panel: number;
  readonly column: number | null;
  readonly line: number | null;
}

const inside = (offset: number, size: number): boolean => offset >= 0 && offset < size;

/** What lies under a point of one panel, and of the numbers and names around it. */
function pointOf(
  { cell, labels, margin }: HeatmapLayout,
  box: HeatmapLayout['panels'][number],
  { x, y }: { x: number; y: number },
): Omit<MapPoint, 'panel'> | null {
  const [dx, dy] = [x - box.left, y - box.top];
  const column = inside(dx, box.width) ? Math.floor(dx / cell.width) : null;
  const line = inside(dy, box.height) ? Math.floor(dy / cell.height) : null;
  if (column !== null && line !== null) return { column, line };
  const isAround = inside(dy - box.height, cell.height + 12) || inside(-dy, margin + MARGIN_GAP + 1);
  if (column !== null && isAround) return { column, line: null };
  const isBeside = inside(dx - box.width, margin + MARGIN_GAP) || (box.first && inside(-dx, labels + 1));
  return line !== null && isBeside ? { column: null, line } : null;
}

/** What lies under a point of the figure; null between panels. */
export function pointAt(layout: HeatmapLayout, at: { x: number; y: number }): MapPoint | null {
  for (const [panel, box] of layout.panels.entries()) {
    const found = pointOf(layout, box, at);
    if (found) return { panel, ...found };
  }
  return null;
}

/** The box of cells of a panel, from one place to another. */
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

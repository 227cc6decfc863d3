import type { MapNote, MapTable } from '../contract/map.ts';
import { wordOr } from '../contract/map.ts';
import type { MeasureInfo } from '../contract/measure.ts';
import type { Row } from '../contract/rows.ts';
import type { VariantStyle } from './variantStyle.ts';

/** Column of tensors that belong to no layer: embeddings, final norm, output head. */
export const OUTSIDE = 'outside';

type Value = Row['value'];

/** A value and what chance alone would give, as they are drawn. */
export interface HeatmapValue {
  readonly value: Value;
  readonly baseline: Value;
  /** How many tensors are behind it. */
  readonly tensors: number;
  readonly note: MapNote;
  /** What a difference is made of; null for a value of its own. */
  readonly sides: { readonly minuend: Value; readonly subtrahend: Value } | null;
}

/** One cell: a layer (or outside) and a line of one panel. */
export interface HeatmapCell extends HeatmapValue {
  /** Index into columns and lines of the map. */
  readonly column: number;
  readonly line: number;
  /** Index of the place in the map that it was made from. */
  readonly place: number;
}

/** The cells of one variant, or of one pair or set of variants. */
export interface HeatmapPanel {
  readonly style: VariantStyle;
  readonly title: string;
  readonly cells: readonly HeatmapCell[];
  /** Cells by column * number of lines + line; holes where the measure does not apply or nothing is computed yet. */
  readonly at: readonly (HeatmapCell | undefined)[];
  /** All of a layer by column, and all of a module by line. */
  readonly layers: readonly (HeatmapValue | undefined)[];
  readonly modules: readonly (HeatmapValue | undefined)[];
}

export interface HeatmapGrid {
  /** Layer numbers as text, and OUTSIDE when there are tensors outside the layers. */
  readonly columns: readonly string[];
  /** Modules, or the experts of one module. */
  readonly lines: readonly string[];
  /** What a line is, e.g. "expert"; empty where its name says it all. */
  readonly lineName: string;
  readonly panels: readonly HeatmapPanel[];
}

export interface GridInput {
  readonly table: MapTable;
  readonly arity: MeasureInfo['arity'];
  /** The other variant of a measure of pairs. */
  readonly partner: string | null;
  /** In the order of the panels. */
  readonly styles: readonly VariantStyle[];
  readonly layers: readonly number[];
  /** Modules of the layers in the order of the model; those outside the layers follow by themselves. */
  readonly modules: readonly string[];
}

type Column = MapTable['columns'][number];

/** Every variant that a measure of pairs knows, in the order of the styles. */
export function mapPartners({ columns }: MapTable, styles: readonly VariantStyle[]): string[] {
  const paired = new Set(columns.flatMap((column) => [column.variant, column.with]));
  return styles.map(({ label }) => label).filter((label) => paired.has(label));
}

/** What one number of a column says; undefined where there is nothing. */
function valueAt({ notes }: MapTable, column: Column, index: number): HeatmapValue | undefined {
  const note = notes[column.notes[index] ?? -1];
  if (!note) return undefined;
  return {
    value: note.hasValue ? wordOr(column.values[index] ?? NaN) : null,
    baseline: note.hasBaseline ? wordOr(column.baselines?.[index] ?? NaN) : null,
    tensors: column.tensors[index] ?? 0,
    note,
    sides: null,
  };
}

interface Lines {
  readonly names: readonly string[];
  readonly columns: readonly string[];
  /** The line of every place; -1 for those that are no cells. */
  readonly of: readonly number[];
}

/** Columns and lines that some panel uses. Every layer keeps its column from the first result on: the map must not move while a run fills it. */
function linesOf({ table, layers, modules }: GridInput): Lines {
  const { places, columns } = table;
  const isUsed = (index: number): boolean => columns.some(({ notes }) => table.notes[notes[index] ?? -1]);
  const cells = places.names.flatMap((_, index) => {
    const level = places.levels[index];
    return (level === 'cell' || level === 'tensor') && isUsed(index) ? [index] : [];
  });
  const nameOf = (index: number): string =>
    table.module === null
      ? (places.modules[index] ?? '')
      : String(places.experts[index] ?? places.modules[index]);
  const inLayers = cells.some((index) => places.layers[index] !== null);
  const outside = cells.some((index) => places.layers[index] === null);
  const used = new Set(cells.map(nameOf));
  const order = table.module === null ? [...modules, ...used] : used;
  const names = [...new Set(order)].filter((name) => used.has(name));
  const lineOf = new Map(names.map((name, line) => [name, line]));
  const of = places.names.map(() => -1);
  for (const index of cells) of[index] = lineOf.get(nameOf(index)) ?? -1;
  return { names, columns: [...(inLayers ? layers.map(String) : []), ...(outside ? [OUTSIDE] : [])], of };
}

function panelOf(
  table: MapTable,
  column: Column,
  { names, columns, of }: Lines,
): Omit<HeatmapPanel, 'style' | 'title'> {
  const { levels, layers, modules } = table.places;
  const columnOf = new Map(columns.map((name, position) => [name, position]));
  const cells: HeatmapCell[] = [];
  const wholeLayers: (HeatmapValue | undefined)[] = [];
  const wholeModules: (HeatmapValue | undefined)[] = [];
  for (const [place, level] of levels.entries()) {
    const found = valueAt(table, column, place);
    const position = columnOf.get(String(layers[place] ?? OUTSIDE)) ?? -1;
    const line = of[place] ?? -1;
    if (!found) continue;
    if (level === 'layer') wholeLayers[position] = found;
    else if (level === 'module') wholeModules[names.indexOf(modules[place] ?? '')] = found;
    else if (position >= 0 && line >= 0) cells.push({ ...found, column: position, line, place });
  }
  return { cells, ...atPlaces(cells, names.length), layers: wholeLayers, modules: wholeModules };
}

export function atPlaces(cells: readonly HeatmapCell[], lines: number): Pick<HeatmapPanel, 'at'> {
  const at: (HeatmapCell | undefined)[] = [];
  for (const cell of cells) at[cell.column * lines + cell.line] = cell;
  return { at };
}

/** The cell of a panel; undefined where the measure does not apply or nothing is computed yet. */
export function cellAtPlace(
  grid: HeatmapGrid,
  { panel, column, line }: { panel: number; column: number; line: number },
): HeatmapCell | undefined {
  return grid.panels[panel]?.at[column * grid.lines.length + line];
}

/** Which columns of the table are drawn, as whose and under which title. A pair is stored once, and reads the same both ways. */
function shownColumns({
  table,
  arity,
  partner,
  styles,
}: GridInput): { column: Column; style: VariantStyle; title: string }[] {
  return styles.flatMap((style) => {
    const { label } = style;
    const own = table.columns.filter(({ variant }) => variant === label);
    if (arity === 'variant') return own.map((column) => ({ column, style, title: label }));
    if (arity === 'set-of-variants')
      return own.map((column) => ({ column, style, title: `${label}, ${column.with ?? ''}` }));
    const exact = own.find((column) => column.with === partner);
    const column = exact ?? table.columns.find((other) => other.variant === partner && other.with === label);
    return column ? [{ column, style, title: `${label} with ${partner ?? ''}` }] : [];
  });
}

/** Sorts a map into panels of cells. Modules that nothing uses are left out. */
export function heatmapGrid(input: GridInput): HeatmapGrid {
  const { table } = input;
  const lines = linesOf(input);
  return {
    columns: lines.columns,
    lines: lines.names,
    lineName: table.module !== null && table.places.experts.some((expert) => expert !== null) ? 'expert' : '',
    panels: shownColumns(input).map(({ column, style, title }) => ({
      style,
      title,
      ...panelOf(table, column, lines),
    })),
  };
}

/** The other variant of a row of a pair measure. */
export function partnerOf(row: Row): string | null {
  const partner = row.parameters['with'];
  return typeof partner === 'string' ? partner : null;
}

/** Every variant that rows of a measure of pairs know, in the order of the styles; empty for measures of one variant. */
export function pairedLabels(rows: readonly Row[], styles: readonly VariantStyle[]): string[] {
  const paired = new Set(
    rows.flatMap((row) => (partnerOf(row) === null ? [] : [row.variant, partnerOf(row)])),
  );
  return styles.map(({ label }) => label).filter((label) => paired.has(label));
}

/** The rows of all pairs with one variant, which is the partner in each: a pair is stored once, and reads the same both ways. */
export function rowsWith(partner: string, rows: readonly Row[], styles: readonly VariantStyle[]): Row[] {
  return rows.flatMap((row) => {
    const other = partnerOf(row);
    if (other === partner) return [row];
    const style = styles.find(({ label }) => label === other);
    if (row.variant !== partner || !style) return [];
    return [
      { ...row, variant: style.label, role: style.role, parameters: { ...row.parameters, with: partner } },
    ];
  });
}

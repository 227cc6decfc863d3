import type { Row } from '../contract/rows.ts';
import type { VariantStyle } from './variantStyle.ts';

/** Column of tensors that belong to no layer: embeddings, final norm, output head. */
export const OUTSIDE = 'outside';

/** One cell: a layer (or outside) and a module of one panel. */
export interface HeatmapCell {
  /** Index into columns and modules of the map. */
  readonly column: number;
  readonly line: number;
  /** The row whose value is drawn. */
  readonly row: Row;
  /** Other tensors of the same layer and module, such as biases. */
  readonly others: readonly Row[];
}

/** The cells of one variant, or of one pair of variants for measures of pairs. */
export interface HeatmapPanel {
  readonly style: VariantStyle;
  /** The other variant of a pair; null for measures of one variant. */
  readonly partner: string | null;
  readonly cells: readonly HeatmapCell[];
}

export interface HeatmapGrid {
  /** Layer numbers as text, and OUTSIDE when there are tensors outside the layers. */
  readonly columns: readonly string[];
  readonly modules: readonly string[];
  readonly panels: readonly HeatmapPanel[];
}

export interface GridInput {
  /** Rows of one measure at level "tensor"; others are ignored. */
  readonly rows: readonly Row[];
  /** In the order of the panels. */
  readonly styles: readonly VariantStyle[];
  readonly layers: readonly number[];
  /** Modules of the layers in the order of the model; those outside the layers follow by themselves. */
  readonly modules: readonly string[];
}

/** The other variant of a row of a pair measure. */
export function partnerOf(row: Row): string | null {
  const partner = row.parameters['with'];
  return typeof partner === 'string' ? partner : null;
}

/** Every variant that a measure of pairs knows, in the order of the styles; empty for measures of one variant. */
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

/** Weights speak for their module; among several, one that has a value. */
function leading(rows: readonly Row[]): Row | undefined {
  const rank = (row: Row): number => (row.value === null ? 2 : 0) + (row.tensor?.endsWith('.weight') ? 0 : 1);
  return rows.toSorted((a, b) => rank(a) - rank(b))[0];
}

function cellsOf(
  rows: readonly Row[],
  columns: readonly string[],
  modules: readonly string[],
): HeatmapCell[] {
  const places = Map.groupBy(rows, (row) => `${String(row.layer ?? OUTSIDE)}\n${row.module ?? ''}`);
  return [...places.values()].flatMap((group) => {
    const row = leading(group);
    if (!row) return [];
    const column = columns.indexOf(String(row.layer ?? OUTSIDE));
    const line = modules.indexOf(row.module ?? '');
    if (column < 0 || line < 0) return [];
    return [{ column, line, row, others: group.filter((other) => other !== row) }];
  });
}

/** Sorts the rows of one measure into panels of cells. Modules that no row uses are left out. */
export function heatmapGrid({ rows, styles, layers, modules }: GridInput): HeatmapGrid {
  const tensorRows = rows.filter((row) => row.level === 'tensor');
  const usedModules = new Set(tensorRows.map((row) => row.module));
  // Every layer keeps its column from the first result on: the map must not move while a run fills it.
  const columns = [
    ...(tensorRows.some(({ layer }) => layer !== null) ? layers.map(String) : []),
    ...(tensorRows.some(({ layer }) => layer === null) ? [OUTSIDE] : []),
  ];
  const outside = tensorRows.flatMap(({ layer, module }) =>
    layer === null && module !== null ? [module] : [],
  );
  const lines = [...new Set([...modules, ...outside])].filter((module) => usedModules.has(module));
  const panels = styles.flatMap((style) => {
    const own = tensorRows.filter((row) => row.variant === style.label);
    return [...Map.groupBy(own, partnerOf)].map(([partner, group]) => ({
      style,
      partner,
      cells: cellsOf(group, columns, lines),
    }));
  });
  return { columns, modules: lines, panels };
}

/** "rl-seed1", or "rl-seed1 with rl-seed2" for a pair. */
export function panelTitle({ style, partner }: HeatmapPanel): string {
  return partner === null ? style.label : `${style.label} with ${partner}`;
}

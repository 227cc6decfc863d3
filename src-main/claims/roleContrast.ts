import type { ClaimEvidence } from '../contract/claim.ts';
import { formatValue } from '../contract/format.ts';
import { evidence, type ClaimRows, type NumberRow } from './ClaimRows.ts';
import { sides } from './sides.ts';

export type Order = 'rl-higher' | 'sft-higher' | 'overlapping';

export interface RoleContrast {
  readonly rl: readonly NumberRow[];
  readonly sft: readonly NumberRow[];
  readonly order: Order;
  /** The same after division by the relative update norm; null where that is not asked for or not known. */
  readonly perNorm: Order | null;
  /** The two runs that come closest to each other, and the tensors on which RL is above SFT. */
  readonly closest: {
    readonly rl: string;
    readonly sft: string;
    readonly above: number;
    readonly of: number;
  };
}

interface Apart {
  /** How far apart the roles must be: a factor, or a difference. */
  readonly by: { readonly factor: number } | { readonly difference: number };
}

const NORM = 'update.relative-norm';

/**
 * RL against SFT in one measure. A role is higher when its lowest run is above the other's highest one by the margin, and most
 * tensors of that closest pair agree.
 */
export function roleContrast(rows: ClaimRows, measure: string, { by }: Apart): RoleContrast | string {
  const rl = rows.perRun(measure, 'rl');
  const sft = rows.perRun(measure, 'sft');
  if (typeof rl === 'string') return rl;
  if (typeof sft === 'string') return sft;
  const rough = orderOf(values(rl), values(sft), by);
  const rlIsHigher = median(values(rl)) >= median(values(sft));
  const closestRl = pick(rl, rlIsHigher ? 'lowest' : 'highest');
  const closestSft = pick(sft, rlIsHigher ? 'highest' : 'lowest');
  const counted = sides(pairedDifferences(rows, closestRl, closestSft));
  const wanted = rough === 'rl-higher' ? 'above' : 'below';
  const order = rough !== 'overlapping' && counted.side !== wanted ? 'overlapping' : rough;
  const closest = {
    rl: closestRl.variant,
    sft: closestSft.variant,
    above: counted.above,
    of: counted.above + counted.below,
  };
  return { rl, sft, order, perNorm: perNormOrder(rows, rl, sft), closest };
}

/** Every run of both roles as evidence. */
export function contrastEvidence(
  { rl, sft }: Pick<RoleContrast, 'rl' | 'sft'>,
  rows: ClaimRows,
): ClaimEvidence[] {
  return [...rl, ...sft].map((row) => {
    const norm = rows.overall(NORM, row.variant);
    return evidence(row, norm ? `relative update norm ${formatValue(norm.value, norm.unit)}` : '');
  });
}

/** A sentence where the sizes of the updates differ so much that size alone could make a difference; else empty. */
export function normNote(rows: ClaimRows, compared: readonly NumberRow[]): string {
  const norms = compared.flatMap(({ variant }) => rows.overall(NORM, variant)?.value ?? []);
  const [low, high] = [Math.min(...norms), Math.max(...norms)];
  if (norms.length < 2 || low === 0 || high / low < 2) return '';
  const factor = formatValue(high / low, 'ratio');
  return ` Relative update norms differ by up to a factor of ${factor}, so size alone moves this number.`;
}

function values(rows: readonly NumberRow[]): number[] {
  return rows.map(({ value }) => value);
}

function median(all: readonly number[]): number {
  const sorted = all.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const at = (i: number): number => sorted[i] ?? NaN;
  return sorted.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2;
}

function orderOf(rl: readonly number[], sft: readonly number[], by: Apart['by']): Order {
  const clears = (low: number, high: number): boolean =>
    'factor' in by ? low >= high * by.factor && low > high : low - high >= by.difference;
  if (clears(Math.min(...rl), Math.max(...sft))) return 'rl-higher';
  return clears(Math.min(...sft), Math.max(...rl)) ? 'sft-higher' : 'overlapping';
}

function pick(rows: readonly NumberRow[], which: 'lowest' | 'highest'): NumberRow {
  return rows.reduce((best, row) =>
    (which === 'lowest' ? row.value < best.value : row.value > best.value) ? row : best,
  );
}

function pairedDifferences(rows: ClaimRows, rl: NumberRow, sft: NumberRow): number[] {
  const other = new Map(rows.tensors(sft.measure, sft.variant).map((row) => [row.tensor, row.value]));
  return rows.tensors(rl.measure, rl.variant).flatMap(({ tensor, value }) => {
    const against = other.get(tensor);
    return against === undefined ? [] : [value - against];
  });
}

/** Norms are rough, so the roles must be a quarter apart. */
const PER_NORM = { factor: 1.25 };

function perNormOrder(rows: ClaimRows, rl: readonly NumberRow[], sft: readonly NumberRow[]): Order | null {
  const scaled = (all: readonly NumberRow[]): number[] | null => {
    const found = all.flatMap(({ variant, value }) => {
      const norm = rows.overall(NORM, variant)?.value ?? 0;
      return norm > 0 ? [value / norm] : [];
    });
    return found.length === all.length ? found : null;
  };
  const [a, b] = [scaled(rl), scaled(sft)];
  return a && b ? orderOf(a, b, PER_NORM) : null;
}

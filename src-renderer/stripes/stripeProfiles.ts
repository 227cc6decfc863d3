import type { Curve } from '../../src-main/contract/rows.ts';
import type { ChangeProfiles } from './stripeTensor.ts';

/** The curves of changed weights per row and per column, by variant. */
export function stripeProfiles(curves: readonly Curve[]): ChangeProfiles {
  const of = (variant: string, name: string): number[] | null => {
    const curve = curves.find((each) => each.variant === variant && each.name === name);
    return curve?.values.map(Number) ?? null;
  };
  const labels = new Set(curves.map(({ variant }) => variant));
  return Object.fromEntries(
    [...labels].map((label) => [
      label,
      { rows: of(label, 'row-changed'), columns: of(label, 'column-changed') },
    ]),
  );
}

import type { NumberRow } from './ClaimRows.ts';

/** Runs of which weights are stored in bfloat16 on both sides: rounding to bf16 is what several claims are about. */
export function bf16Runs(rows: readonly NumberRow[] | string): readonly NumberRow[] | string {
  if (typeof rows === 'string') return rows;
  const stored = rows.filter(({ dtype }) => dtype.split(', ').includes('BF16'));
  if (stored.length > 0) return stored;
  const types = [...new Set(rows.map(({ dtype }) => dtype))].join('; ');
  return `the claim is about weights stored in bf16; these are stored as ${types}`;
}

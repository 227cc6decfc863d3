import type { WeightDocument } from '../../src-main/contract/stripes.ts';
import { formatCount } from '../../src-main/contract/format.ts';

type Number = WeightDocument['reference'];

/** Enough digits to tell neighbours in bfloat16 apart. */
export function weightText(value: Number): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(6))).replace('-', '−') : value;
}

/** "3 steps up", "unchanged". */
export function stepsText(steps: number | null): string {
  if (steps === null) return 'not a number';
  if (steps === 0) return 'unchanged';
  const size = Math.abs(steps);
  return `${formatCount(size)} ${size === 1 ? 'step' : 'steps'} ${steps > 0 ? 'up' : 'down'}`;
}

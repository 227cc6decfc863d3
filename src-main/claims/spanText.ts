import { formatValue } from '../contract/format.ts';

/** One number, or the ends of several: "22.2 %", "21.4 to 22.2 %". */
export function spanText(values: readonly number[], unit: string): string {
  const low = formatValue(Math.min(...values), unit);
  const high = formatValue(Math.max(...values), unit);
  return low === high ? low : `${low} to ${high}`;
}

/** "1 RL run", "5 SFT runs". */
export function runsText(count: number, role: 'rl' | 'sft'): string {
  return `${count} ${role === 'rl' ? 'RL' : 'SFT'} ${count === 1 ? 'run' : 'runs'}`;
}

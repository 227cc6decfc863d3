import { formatValue } from '../contract/format.ts';

/** The number that a text shows, whatever its zeros and signs: 0.9998 and 1.0001 both read as 1. */
const digitsOf = (text: string): number => Number(text.replace(/[^\d.e+-]/g, ''));

/** One number, or the ends of several: "22.2 %", "21.4 to 22.2 %". */
export function spanText(values: readonly number[], unit: string): string {
  const low = formatValue(Math.min(...values), unit);
  const high = formatValue(Math.max(...values), unit);
  return digitsOf(low) === digitsOf(high) ? high : `${low} to ${high}`;
}

/** "1 RL run", "5 SFT runs". */
export function runsText(count: number, role: 'rl' | 'sft'): string {
  return `${count} ${role === 'rl' ? 'RL' : 'SFT'} ${count === 1 ? 'run' : 'runs'}`;
}

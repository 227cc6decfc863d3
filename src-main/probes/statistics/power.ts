import { Z_95, Z_POWER_80 } from './normal.ts';

/**
 * Problems that McNemar's test needs to find a difference of accuracy with 80 % power at 5 %, two-sided, when this share of answers
 * differs between the models (Connor 1987, Biometrics 43). Infinite for no difference.
 */
export function requiredProblems(difference: number, discordant: number): number {
  const size = Math.abs(difference);
  // What one model gains over the other, they answer differently.
  const share = Math.min(1, Math.max(discordant, size));
  const needed = (Z_95 * Math.sqrt(share) + Z_POWER_80 * Math.sqrt(share - size * size)) ** 2;
  return Math.ceil(needed / (size * size));
}

const HALVINGS = 60;

/** The smallest difference of accuracy that `n` problems would find in that way; 1 where even the largest would be missed. */
export function detectableDifference(n: number, discordant: number): number {
  let missed = 0;
  let found = 1;
  if (n === 0) return found;
  for (let i = 0; i < HALVINGS; i++) {
    const tried = (missed + found) / 2;
    if (requiredProblems(tried, discordant) <= n) found = tried;
    else missed = tried;
  }
  return found;
}

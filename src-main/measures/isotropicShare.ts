import { swallowedByRounding } from './chance.ts';
import type { MaskEvidence, MaskOverlap } from './evidence.ts';

/** Sizes of an update, as powers of two, between which every weight of bfloat16 goes from never to always changed. */
const SMALLEST = -150;
const LARGEST = 140;
const HALVINGS = 60;

/**
 * Share of the changed weights that a mask would hold if all weights were changed by independent normal numbers of one size, that size
 * by which as many weights change as did.
 * @param reference element type of the reference: on bfloat16 numbers, or anywhere between them
 */
export function isotropicShare(masks: MaskEvidence, mask: MaskOverlap, reference: string): number {
  const places = reference === 'BF16' ? 'on-grid' : 'anywhere';
  const changed = (exponents: readonly number[], power: number): number =>
    exponents.reduce((sum, count) => sum + count, 0) - swallowedByRounding(exponents, 2 ** power, places);
  let [low, high] = [SMALLEST, LARGEST];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (changed(masks.exponents, middle) < masks.update) low = middle;
    else high = middle;
  }
  return changed(mask.exponents, high) / changed(masks.exponents, high);
}

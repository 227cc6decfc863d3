/** FNV-1a, 32 bits, with the finalizer of MurmurHash3: neighbouring seeds and prompts give unrelated numbers. */
function mixed(words: Iterable<number>): number {
  let hash = 0x811c9dc5;
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * The seed of one prompt, 32 bits: of its text and not of its place, so that what is drawn for it does not depend on what else is
 * asked, nor on what was answered before.
 */
export function promptSeed(seed: number, prompt: string): number {
  const bytes = new TextEncoder().encode(prompt);
  return mixed([seed & 255, (seed >>> 8) & 255, (seed >>> 16) & 255, seed >>> 24, ...bytes]);
}

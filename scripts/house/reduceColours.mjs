const MOST = 256;
/** How far a colour may move, in each channel, of 255: far below what the comparison of pictures forgives. */
const FURTHEST = 12;

const distance = (a, b) =>
  Math.max(
    Math.abs((a >> 16) - (b >> 16)),
    Math.abs(((a >> 8) & 255) - ((b >> 8) & 255)),
    Math.abs((a & 255) - (b & 255)),
  );

/** The commonest colours such that every other one is within `step` of one of them; null when that takes too many. */
function commonest(byCount, step) {
  const kept = [];
  for (const colour of byCount) {
    if (kept.some((other) => distance(colour, other) <= step)) continue;
    if (kept.length === MOST) return null;
    kept.push(colour);
  }
  return kept;
}

/**
 * A picture as places in a list of at most 256 colours; null where that would move a colour visibly.
 *
 * @param {{ channels: number, pixels: Buffer }} picture
 * @returns {{ colours: readonly number[], places: Buffer } | null}
 */
export function reduceColours({ channels, pixels }) {
  if (channels !== 3) return null;
  const counts = new Map();
  const colourAt = (at) => (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2];
  for (let at = 0; at < pixels.length; at += 3) counts.set(colourAt(at), (counts.get(colourAt(at)) ?? 0) + 1);
  const byCount = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a));
  for (let step = 0; step <= FURTHEST; step += 3) {
    const colours = commonest(byCount, step);
    if (!colours) continue;
    const nearest = new Map(
      byCount.map((colour) => {
        const apart = colours.map((other) => distance(colour, other));
        return [colour, apart.indexOf(Math.min(...apart))];
      }),
    );
    const places = Buffer.alloc(pixels.length / 3);
    for (let at = 0; at < places.length; at++) places[at] = nearest.get(colourAt(3 * at));
    return { colours, places };
  }
  return null;
}

/** Whole numbers to write along an axis: multiples of 1, 2 or 5 times a power of ten, at least `apart` numbers from each other. */
export function axisTicks(from: number, to: number, apart: number): number[] {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, apart)));
  const step = ([1, 2, 5].find((factor) => factor * power >= apart) ?? 10) * power;
  const first = Math.ceil(Math.max(0, from) / step);
  const count = Math.floor(to / step) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => (first + i) * step);
}

const ENDS = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];

/** The next round number that is not below a share, at most 1: the end of a profile's own scale. */
export function scaleEnd(share: number): number {
  if (share <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(share));
  const end = (ENDS.find((factor) => factor * power >= share * (1 - 1e-9)) ?? 10) * power;
  return Math.min(1, Number(end.toPrecision(2)));
}

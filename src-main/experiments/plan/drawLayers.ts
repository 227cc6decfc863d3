import { Random } from '../../base/Random.ts';
import type { LayerSizes } from './layersOf.ts';
import { rangesOf } from './layersOf.ts';

/** Draws that are compared before the one is taken whose parameter count is nearest. */
const DRAWS = 200;

const total = (layers: readonly number[], { parameters }: LayerSizes): number =>
  layers.reduce((sum, layer) => sum + (parameters.get(layer) ?? 0), 0);

/**
 * So many different sets of layers, as many layers each as `own`, none of them `own`: with as many parameters as `own` where such sets
 * exist, else with the nearest number. Fewer sets where there are not that many.
 */
export function drawLayers(
  own: readonly number[],
  sizes: LayerSizes,
  { draws, seed }: { readonly draws: number; readonly seed: number },
): number[][] {
  const random = new Random(seed);
  const wanted = total(own, sizes);
  const taken = new Set([rangesOf(own).join()]);
  const sets: number[][] = [];
  for (let draw = 0; draw < draws; draw++) {
    let best: number[] | null = null;
    let bestGap = Infinity;
    for (let i = 0; i < DRAWS && bestGap > 0; i++) {
      const layers = random
        .shuffle([...sizes.layers])
        .slice(0, own.length)
        .sort((a, b) => a - b);
      const gap = Math.abs(total(layers, sizes) - wanted);
      if (gap < bestGap && !taken.has(rangesOf(layers).join())) [best, bestGap] = [layers, gap];
    }
    if (best === null) break;
    taken.add(rangesOf(best).join());
    sets.push(best);
  }
  return sets;
}

/** How much larger the parameter count of one set is than that of another, as a share of the other's. */
export const sizeDifference = (
  layers: readonly number[],
  own: readonly number[],
  sizes: LayerSizes,
): number => total(layers, sizes) / total(own, sizes) - 1;

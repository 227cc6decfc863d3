import { describeTensors } from '../../architecture/describeTensors.ts';
import type { Checkpoint } from '../../contract/checkpoint.ts';

/** How a model divides into layers and what lies outside of them. */
export interface LayerSizes {
  /** Numbers of the layers, ascending. */
  readonly layers: readonly number[];
  /** Parameters by layer. */
  readonly parameters: ReadonlyMap<number, number>;
  /** Names of tensors outside the layers, those left out that only repeat another one. */
  readonly outside: readonly string[];
}

export function layersOf(checkpoint: Checkpoint): LayerSizes {
  const parameters = new Map<number, number>();
  const outside: string[] = [];
  for (const [i, role] of describeTensors(checkpoint).entries()) {
    if (role.tiedTo !== null) continue;
    const size = (checkpoint.tensors[i]?.shape ?? []).reduce((product, side) => product * side, 1);
    if (role.layer === null) outside.push(role.tensor);
    else parameters.set(role.layer, (parameters.get(role.layer) ?? 0) + size);
  }
  return { layers: [...parameters.keys()].sort((a, b) => a - b), parameters, outside };
}

/** [0, 1, 2, 5] as ["0-2", "5"]. */
export function rangesOf(layers: readonly number[]): string[] {
  const ranges: [number, number][] = [];
  for (const layer of [...layers].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === layer - 1) last[1] = layer;
    else ranges.push([layer, layer]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${String(from)}-${String(to)}`));
}

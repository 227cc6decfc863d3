import type { AlignedTensor } from '../contract/alignment.ts';
import type { MapDocument } from '../contract/map.ts';
import { moduleName } from './selectTensors.ts';

/** The places of a map, and which place each tensor belongs to. */
export interface MapPlaces {
  readonly places: MapDocument['places'];
  /** By name of the tensor; tensors that are not on the map are left out. */
  readonly indexOf: ReadonlyMap<string, number>;
}

/** Modules of layers, or the tensors of one module, in the order of the model. */
export function mapPlaces(
  tensors: Iterable<Pick<AlignedTensor, 'tensor' | 'role'>>,
  module: string | null,
): MapPlaces {
  const places: MapDocument['places'] = { layers: [], experts: [], modules: [], tensors: [], names: [] };
  const known = new Map<string, number>();
  const indexOf = new Map<string, number>();
  for (const { tensor, role } of tensors) {
    if (indexOf.has(tensor)) continue;
    const own = moduleName(role);
    if (module !== null && own !== module) continue;
    const id = module === null ? `${String(role.layer)} ${own}` : tensor;
    const index = known.get(id) ?? places.names.length;
    indexOf.set(tensor, index);
    if (known.has(id)) {
      places.tensors[index] = (places.tensors[index] ?? 0) + 1;
      continue;
    }
    known.set(id, index);
    places.layers.push(role.layer);
    places.experts.push(module === null ? null : role.expert);
    places.modules.push(own);
    places.tensors.push(1);
    places.names.push(tensor);
  }
  return { places, indexOf };
}

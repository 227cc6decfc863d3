import type { AlignedTensor } from '../contract/alignment.ts';
import type { MapDocument, MapLevel } from '../contract/map.ts';
import { moduleName } from './selectTensors.ts';

type Located = Pick<AlignedTensor, 'tensor' | 'role'>;

/** The places of a map, and which of them each tensor belongs to. */
export class MapPlaces {
  readonly lists: MapDocument['places'] = {
    levels: [],
    layers: [],
    experts: [],
    modules: [],
    tensors: [],
    names: [],
  };
  readonly #of = new Map<string, number[]>();
  readonly #known = new Map<string, number>();

  /** Modules of layers, or the tensors of one module, in the order of the model; then whole layers and whole modules. */
  constructor(tensors: Iterable<Located>, module: string | null) {
    const located = new Map<string, Located>();
    for (const one of tensors)
      if (module === null || moduleName(one.role) === module) located.set(one.tensor, one);
    for (const one of located.values()) this.#add(module === null ? 'cell' : 'tensor', one);
    for (const one of located.values()) if (one.role.layer !== null) this.#add('layer', one);
    if (module === null) for (const one of located.values()) this.#add('module', one);
  }

  get count(): number {
    return this.lists.names.length;
  }

  /** Places of a tensor; none for one that is not on the map. */
  of(tensor: string): readonly number[] {
    return this.#of.get(tensor) ?? [];
  }

  #add(level: MapLevel, { tensor, role }: Located): void {
    const layer = level === 'module' ? null : role.layer;
    const module = level === 'layer' ? null : moduleName(role);
    const id = level === 'tensor' ? tensor : `${level} ${String(layer)} ${module ?? ''}`;
    const index = this.#known.get(id) ?? this.count;
    const own = this.#of.get(tensor);
    if (own) own.push(index);
    else this.#of.set(tensor, [index]);
    const { levels, layers, experts, modules, tensors, names } = this.lists;
    tensors[index] = (tensors[index] ?? 0) + 1;
    if (this.#known.has(id)) return;
    this.#known.set(id, index);
    levels.push(level);
    layers.push(layer);
    experts.push(level === 'tensor' ? role.expert : null);
    modules.push(module);
    names.push(tensor);
  }
}

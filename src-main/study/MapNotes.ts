import type { MapNote } from '../contract/map.ts';

/** The dictionary of what many values have in common. */
export class MapNotes {
  readonly list: MapNote[] = [];
  readonly #known = new Map<string, number>();
  /** Parameters are mostly one object for many tensors. */
  readonly #parameters = new WeakMap<MapNote['parameters'], string>();

  /** The index of a note, which is added when it is new. */
  indexOf(note: MapNote): number {
    const { hasValue, hasBaseline, method, parameters, dtype, reason } = note;
    const written = this.#parameters.get(parameters) ?? JSON.stringify(parameters);
    this.#parameters.set(parameters, written);
    const flags = (hasValue ? 1 : 0) + (hasBaseline ? 2 : 0);
    const key = `${String(flags)}\0${method}\0${dtype}\0${reason ?? '\0'}\0${written}`;
    const index = this.#known.get(key) ?? this.list.length;
    if (index === this.list.length) {
      this.#known.set(key, index);
      this.list.push(note);
    }
    return index;
  }
}

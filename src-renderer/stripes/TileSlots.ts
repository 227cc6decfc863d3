/** Which layer of a texture array holds which tile; the layer not used for longest is given away first, but never one of the same frame. */
export class TileSlots {
  readonly #count: number;
  readonly #slots = new Map<string, { readonly slot: number; frame: number }>();
  #frame = 0;

  constructor(count: number) {
    this.#count = count;
  }

  beginFrame(): void {
    this.#frame++;
  }

  /** The layer of a tile, and whether the tile has yet to be put there; null when this frame uses all layers. */
  take(key: string): { slot: number; isNew: boolean } | null {
    const held = this.#slots.get(key);
    const slot = held?.slot ?? this.#free();
    if (slot === null) return null;
    this.#slots.delete(key);
    this.#slots.set(key, { slot, frame: this.#frame });
    return { slot, isNew: held === undefined };
  }

  #free(): number | null {
    if (this.#slots.size < this.#count) return this.#slots.size;
    const [oldest] = this.#slots;
    if (!oldest || oldest[1].frame === this.#frame) return null;
    this.#slots.delete(oldest[0]);
    return oldest[1].slot;
  }
}

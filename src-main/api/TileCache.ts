import type { ChangeTile } from '../study/changeTile.ts';

/** What an entry takes beside its pixels, about. */
const ENTRY_BYTES = 256;

/** Tiles by what they show, the least recently used forgotten first. */
export class TileCache {
  readonly #budgetBytes: number;
  readonly #tiles = new Map<string, ChangeTile>();
  #bytes = 0;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  /** Bytes that are held, never more than the budget. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): ChangeTile | null {
    const tile = this.#tiles.get(key);
    if (!tile) return null;
    this.#tiles.delete(key);
    this.#tiles.set(key, tile);
    return tile;
  }

  put(key: string, tile: ChangeTile): void {
    this.#forget(key);
    this.#tiles.set(key, tile);
    this.#bytes += weight(tile);
    for (const oldest of this.#tiles.keys()) {
      if (this.#bytes <= this.#budgetBytes) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const tile = this.#tiles.get(key);
    if (!tile) return;
    this.#tiles.delete(key);
    this.#bytes -= weight(tile);
  }
}

const weight = ({ pixels }: ChangeTile): number => pixels.byteLength + ENTRY_BYTES;

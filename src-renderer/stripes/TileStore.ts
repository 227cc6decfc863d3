import type { TilePlace } from './Viewport.ts';

/** The pixels of a tile, row by row; fewer than TILE_SIDE along a side at the edge of a matrix. */
export interface TilePixels {
  readonly rows: number;
  readonly columns: number;
  readonly pixels: Uint8Array<ArrayBuffer>;
}

/** A tile of one layer: of one way to reduce the change of given variants. */
export interface TileAddress extends TilePlace {
  readonly layer: string;
}

export interface Tile extends TilePixels {
  readonly key: string;
}

export interface TileStoreOptions {
  readonly load: (address: TileAddress, signal: AbortSignal) => Promise<TilePixels>;
  /** Called when a tile came or failed. */
  readonly onChange: () => void;
  readonly mostBytes: number;
  readonly mostRequests: number;
}

export const tileKey = ({ layer, level, row, column }: TileAddress): string =>
  `${layer}|${String(level)}|${String(row)}|${String(column)}`;

/** Tiles that came, those last used kept within a bound, and the requests for those that are wanted. */
export class TileStore {
  readonly #options: TileStoreOptions;
  /** In the order of their last use. */
  readonly #tiles = new Map<string, Tile>();
  readonly #requests = new Map<string, AbortController>();
  readonly #failures = new Map<string, unknown>();
  #wanted: readonly TileAddress[] = [];
  #bytes = 0;
  #arrived = 0;

  constructor(options: TileStoreOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get requests(): number {
    return this.#requests.size;
  }

  /** Tiles that came so far, for rates. */
  get arrived(): number {
    return this.#arrived;
  }

  get(address: TileAddress): Tile | null {
    const key = tileKey(address);
    const tile = this.#tiles.get(key);
    if (!tile) return null;
    this.#tiles.delete(key);
    this.#tiles.set(key, tile);
    return tile;
  }

  /** Why a tile did not come; undefined when it did not fail. */
  failure(address: TileAddress): unknown {
    return this.#failures.get(tileKey(address));
  }

  /** Says which tiles are needed now, the most urgent first. Requests for all others are given up. */
  want(addresses: readonly TileAddress[]): void {
    this.#wanted = addresses;
    const keys = new Set(addresses.map(tileKey));
    for (const [key, request] of this.#requests) {
      if (keys.has(key)) continue;
      this.#requests.delete(key);
      request.abort();
    }
    this.#fill();
  }

  /** Asks again for tiles that failed. */
  retry(): void {
    this.#failures.clear();
    this.#fill();
  }

  /** Gives up all requests. */
  close(): void {
    this.want([]);
  }

  #fill(): void {
    for (const address of this.#wanted) {
      if (this.#requests.size >= this.#options.mostRequests) return;
      const key = tileKey(address);
      if (this.#tiles.has(key) || this.#requests.has(key) || this.#failures.has(key)) continue;
      void this.#request(address, key);
    }
  }

  async #request(address: TileAddress, key: string): Promise<void> {
    const request = new AbortController();
    this.#requests.set(key, request);
    try {
      const pixels = await this.#options.load(address, request.signal);
      if (request.signal.aborted) return;
      this.#keep({ key, ...pixels });
    } catch (error) {
      if (request.signal.aborted) return;
      this.#failures.set(key, error);
    }
    this.#requests.delete(key);
    this.#fill();
    this.#options.onChange();
  }

  #keep(tile: Tile): void {
    this.#arrived++;
    this.#tiles.set(tile.key, tile);
    this.#bytes += tile.pixels.length;
    for (const [key, { pixels }] of this.#tiles) {
      if (this.#bytes <= this.#options.mostBytes || key === tile.key) return;
      this.#tiles.delete(key);
      this.#bytes -= pixels.length;
    }
  }
}

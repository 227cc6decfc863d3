import { describe, expect, it } from 'vitest';
import { TileStore, type TileAddress, type TilePixels } from '../../src-renderer/stripes/TileStore.ts';

interface Waiting {
  readonly address: TileAddress;
  readonly signal: AbortSignal;
  readonly reply: (tile: TilePixels) => void;
  readonly fail: (error: Error) => void;
}

/** A store whose tiles are given by hand. */
function storeOf(mostBytes = 1000, mostRequests = 2) {
  const waiting: Waiting[] = [];
  let changes = 0;
  const store = new TileStore({
    load: (address, signal) => new Promise((reply, fail) => waiting.push({ address, signal, reply, fail })),
    onChange: () => changes++,
    mostBytes,
    mostRequests,
  });
  return { store, waiting, changes: () => changes };
}

const at = (column: number, layer = 'steps sft'): TileAddress => ({ layer, level: 2, row: 0, column });
const tile = (side = 10): TilePixels => ({ rows: side, columns: side, pixels: new Uint8Array(side * side) });
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('TileStore', () => {
  it('asks for the most urgent tiles first, a few at a time, and goes on when one is there', async () => {
    const { store, waiting, changes } = storeOf();
    store.want([at(5), at(1), at(3)]);
    expect(waiting.map(({ address }) => address.column)).toEqual([5, 1]);
    expect(store.requests).toBe(2);
    waiting[0]!.reply(tile());
    await settled();
    expect(store.get(at(5))).toMatchObject({ rows: 10, key: 'steps sft|2|0|5' });
    expect(waiting.map(({ address }) => address.column)).toEqual([5, 1, 3]);
    expect(changes()).toBe(1);
    expect(store.arrived).toBe(1);
  });

  it('never asks twice for what is there or on its way', async () => {
    const { store, waiting } = storeOf();
    store.want([at(1)]);
    store.want([at(1), at(2)]);
    waiting[0]!.reply(tile());
    await settled();
    store.want([at(1), at(2)]);
    expect(waiting.map(({ address }) => address.column)).toEqual([1, 2]);
  });

  it('gives up requests that left the view, and takes no tile from them', async () => {
    const { store, waiting, changes } = storeOf();
    store.want([at(1), at(2), at(3)]);
    store.want([at(2), at(4)]);
    expect(waiting[0]!.signal.aborted).toBe(true);
    expect(waiting[1]!.signal.aborted).toBe(false);
    waiting[0]!.reply(tile());
    await settled();
    expect(store.get(at(1))).toBeNull();
    expect(changes()).toBe(0);
    expect(waiting.map(({ address }) => address.column)).toEqual([1, 2, 4]);
    store.close();
    expect(store.requests).toBe(0);
  });

  it('asks again for a tile that was given up and came back into view', () => {
    const { store, waiting } = storeOf();
    store.want([at(1)]);
    store.want([]);
    store.want([at(1)]);
    expect(waiting).toHaveLength(2);
    expect(waiting[1]!.signal.aborted).toBe(false);
  });

  it('stays within its bytes by dropping what was not used for longest', async () => {
    const { store, waiting } = storeOf(250);
    for (const column of [1, 2]) {
      store.want([at(column)]);
      waiting.at(-1)!.reply(tile());
      await settled();
    }
    expect(store.get(at(1))).not.toBeNull();
    store.want([at(3)]);
    waiting.at(-1)!.reply(tile());
    await settled();
    expect(store.bytes).toBe(200);
    expect(store.get(at(2))).toBeNull();
    expect(store.get(at(1))).not.toBeNull();
    expect(store.get(at(3))).not.toBeNull();
  });

  it('keeps a single tile that alone is over the bound', async () => {
    const { store, waiting } = storeOf(50);
    store.want([at(1)]);
    waiting[0]!.reply(tile());
    await settled();
    expect(store.get(at(1))).not.toBeNull();
  });

  it('holds tiles of every layer apart', async () => {
    const { store, waiting } = storeOf();
    store.want([at(1, 'steps sft')]);
    waiting[0]!.reply(tile());
    await settled();
    expect(store.get(at(1, 'density sft'))).toBeNull();
    expect(store.get(at(1, 'steps rl'))).toBeNull();
  });

  it('says why a tile failed, asks no more for it, and asks again when told to', async () => {
    const { store, waiting, changes } = storeOf();
    store.want([at(1), at(2)]);
    const error = new Error('the file changed');
    waiting[0]!.fail(error);
    waiting[1]!.reply(tile());
    await settled();
    expect(store.failure(at(1))).toBe(error);
    expect(store.failure(at(2))).toBeUndefined();
    expect(changes()).toBe(2);
    store.want([at(1), at(2)]);
    expect(waiting).toHaveLength(2);
    store.retry();
    expect(waiting).toHaveLength(3);
    waiting[2]!.reply(tile());
    await settled();
    expect(store.failure(at(1))).toBeUndefined();
    expect(store.get(at(1))).not.toBeNull();
  });
});

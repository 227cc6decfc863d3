import { describe, expect, it } from 'vitest';
import { TileCache } from '../../src-main/api/TileCache.ts';

const tile = (bytes: number) => ({ rows: 1, columns: bytes, pixels: new Uint8Array(bytes) });

describe('TileCache', () => {
  it('forgets the tile that was longest out of use, and never holds more than its budget', () => {
    const cache = new TileCache(4000);
    for (const key of ['a', 'b', 'c']) cache.put(key, tile(1000));
    expect(cache.get('a')?.columns).toBe(1000);
    cache.put('d', tile(1000));
    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key) !== null)).toEqual([true, false, true, true]);
    expect(cache.bytes).toBeGreaterThan(3000);
    expect(cache.bytes).toBeLessThanOrEqual(4000);
  });

  it('counts a tile that is put again once', () => {
    const cache = new TileCache(4000);
    cache.put('a', tile(1000));
    const once = cache.bytes;
    cache.put('a', tile(1000));
    expect(cache.bytes).toBe(once);
  });

  it('keeps nothing that is larger than the budget', () => {
    const cache = new TileCache(500);
    cache.put('a', tile(1000));
    expect(cache.get('a')).toBeNull();
    expect(cache.bytes).toBe(0);
  });
});

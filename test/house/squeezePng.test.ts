import { deflateSync, crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodePng, squeezePng } from '../../scripts/house/squeezePng.mjs';

const WIDTH = 40;
const HEIGHT = 30;

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A PNG whose lines use all five filters in turn. What they decode to is checked against the definition by the round trip. */
function png(channels: 3 | 4, opacity: number): Buffer {
  const head = Buffer.from([0, 0, 0, WIDTH, 0, 0, 0, HEIGHT, 8, channels === 4 ? 6 : 2, 0, 0, 0]);
  const stride = WIDTH * channels;
  const lines = Buffer.alloc((stride + 1) * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    lines[y * (stride + 1)] = y % 5;
    for (let x = 0; x < stride; x++) {
      const isOpacity = channels === 4 && x % 4 === 3;
      // With no filter the byte is the colour; opacity is kept by lines without a filter alone.
      lines[y * (stride + 1) + 1 + x] = isOpacity ? (y === 0 ? opacity : 0) : (7 * x + 13 * y) % 251;
    }
    if (channels === 4) lines[y * (stride + 1)] = y === 0 ? 0 : 2;
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(lines, { level: 0 });
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

describe('squeezePng', () => {
  it('keeps every pixel, whatever filters the lines had', () => {
    const before = png(3, 255);
    const after = squeezePng(before);
    expect(after.length).toBeLessThan(before.length);
    expect(decodePng(after)).toEqual(decodePng(before));
  });

  it('drops opacity where all is opaque, and only there', () => {
    const [opaque, glass] = [decodePng(squeezePng(png(4, 255))), decodePng(squeezePng(png(4, 254)))];
    expect([opaque.channels, glass.channels]).toEqual([3, 4]);
    const before = decodePng(png(4, 255));
    expect(opaque.pixels.subarray(0, 6)).toEqual(
      Buffer.from([...before.pixels.subarray(0, 3), ...before.pixels.subarray(4, 7)]),
    );
  });

  it('takes the filters off as the format defines them', () => {
    const { pixels } = decodePng(png(3, 255));
    const raw = (x: number, y: number): number => (7 * x + 13 * y) % 251;
    const at = (x: number, y: number): number => (x < 0 || y < 0 ? 0 : pixels[y * WIDTH * 3 + x]!);
    for (const x of [0, 2, 3, 50, 119]) {
      expect(at(x, 0)).toBe(raw(x, 0));
      expect(at(x, 1)).toBe((raw(x, 1) + at(x - 3, 1)) % 256);
      expect(at(x, 2)).toBe((raw(x, 2) + at(x, 1)) % 256);
      expect(at(x, 3)).toBe((raw(x, 3) + Math.floor((at(x - 3, 3) + at(x, 2)) / 2)) % 256);
    }
  });

  it('refuses what it does not know', () => {
    expect(() => decodePng(Buffer.from('GIF89a, not this'))).toThrow('not a PNG file');
  });
});

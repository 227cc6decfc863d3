import { deflateSync, crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { reduceColours } from '../../scripts/house/reduceColours.mjs';
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
  it('makes a picture smaller and moves no colour by more than 12, whatever filters the lines had', () => {
    const before = png(3, 255);
    const after = squeezePng(before);
    expect(after.length).toBeLessThan(before.length);
    const [{ pixels: were }, { pixels: are }] = [decodePng(before), decodePng(after)];
    expect(Math.max(...were.map((value, at) => Math.abs(value - are[at]!)))).toBeLessThanOrEqual(12);
  });

  it('keeps every pixel of a picture of few colours', () => {
    const pixels = Buffer.from(
      Array.from({ length: 3 * 4000 }, (_, at) => (Math.floor(at / 3) % 200) + (at % 3)),
    );
    const { colours, places } = reduceColours({ channels: 3, pixels })!;
    expect(colours).toHaveLength(200);
    for (let at = 0; at < places.length; at++) {
      const [red, green, blue] = pixels.subarray(3 * at);
      expect(colours[places[at]!]).toBe((red! << 16) | (green! << 8) | blue!);
    }
  });

  it('leaves a picture alone that needs more colours', () => {
    const pixels = Buffer.from(
      Array.from({ length: 3 * 4096 }, (_, at) => 16 * (Math.floor(at / 3 / 16 ** (at % 3)) % 16)),
    );
    expect(reduceColours({ channels: 3, pixels })).toBeNull();
  });

  it('drops opacity where all is opaque, and only there', () => {
    const [opaque, glass] = [decodePng(squeezePng(png(4, 255))), decodePng(squeezePng(png(4, 254)))];
    expect([opaque.channels, glass.channels]).toEqual([3, 4]);
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

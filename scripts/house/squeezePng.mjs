import { deflateSync, inflateSync, crc32 } from 'node:zlib';
import { reduceColours } from './reduceColours.mjs';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Bytes of a pixel by colour type: RGB and RGBA, which is what browsers write, and places in a list of colours. */
const CHANNELS = { 2: 3, 3: 1, 6: 4 };
const COLOUR_TYPES = { 1: 3, 3: 2, 4: 6 };

function chunksOf(png) {
  if (!png.subarray(0, 8).equals(SIGNATURE)) throw new Error('not a PNG file');
  const chunks = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.push({
      type: png.toString('latin1', at + 4, at + 8),
      data: png.subarray(at + 8, at + 8 + length),
    });
    at += 12 + length;
  }
  return chunks;
}

function paeth(left, up, corner) {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

/** Takes the filters off the lines of a picture. */
function pixelsOf(filtered, { width, height, channels }) {
  const stride = width * channels;
  const pixels = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const left = x >= channels ? pixels[y * stride + x - channels] : 0;
      const up = y > 0 ? pixels[(y - 1) * stride + x] : 0;
      const corner = x >= channels && y > 0 ? pixels[(y - 1) * stride + x - channels] : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      pixels[y * stride + x] = filtered[y * (stride + 1) + 1 + x] + guess;
    }
  }
  return pixels;
}

/**
 * Width, height, bytes per pixel and pixels of a PNG as browsers write it: 8 bits, not interlaced; or as squeezePng does.
 *
 * @param {Buffer} png
 */
export function decodePng(png) {
  const chunks = chunksOf(png);
  const head = chunks[0].data;
  const channels = CHANNELS[head[9]];
  if (head[8] !== 8 || channels === undefined || head[12] !== 0)
    throw new Error('only plain 8-bit RGB and RGBA pictures are read');
  const size = { width: head.readUInt32BE(0), height: head.readUInt32BE(4), channels };
  const data = chunks.filter(({ type }) => type === 'IDAT').map((chunk) => chunk.data);
  const pixels = pixelsOf(inflateSync(Buffer.concat(data)), size);
  const list = chunks.find(({ type }) => type === 'PLTE')?.data;
  if (!list) return { ...size, pixels };
  const coloured = Buffer.alloc(3 * pixels.length);
  for (let at = 0; at < pixels.length; at++) list.copy(coloured, 3 * at, 3 * pixels[at], 3 * pixels[at] + 3);
  return { ...size, channels: 3, pixels: coloured };
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** The lines without filters, or as differences to the line above: for pages of flat colours one of the two is the smallest. */
function filteredLines({ width, height, channels, pixels }, filter) {
  const stride = width * channels;
  const out = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y++) {
    out[y * (stride + 1)] = filter;
    for (let x = 0; x < stride; x++) {
      const up = filter === 2 && y > 0 ? pixels[(y - 1) * stride + x] : 0;
      out[y * (stride + 1) + 1 + x] = pixels[y * stride + x] - up;
    }
  }
  return out;
}

/** Without the channel of opacity where everything is opaque. */
function withoutOpacity(picture) {
  const { channels, pixels } = picture;
  if (channels !== 4) return picture;
  for (let at = 3; at < pixels.length; at += 4) if (pixels[at] !== 255) return picture;
  const opaque = Buffer.alloc((pixels.length / 4) * 3);
  for (let at = 0; at < pixels.length / 4; at++) pixels.copy(opaque, 3 * at, 4 * at, 4 * at + 3);
  return { ...picture, channels: 3, pixels: opaque };
}

/** A PNG of these pixels, with a list of colours when they are places in one. */
function encodePng(picture, colours) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(picture.width, 0);
  head.writeUInt32BE(picture.height, 4);
  head[8] = 8;
  head[9] = COLOUR_TYPES[picture.channels];
  const list = Buffer.from(
    (colours ?? []).flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]),
  );
  const packed = [0, 2]
    .map((filter) => deflateSync(filteredLines(picture, filter), { level: 9, memLevel: 9 }))
    .sort((a, b) => a.length - b.length)[0];
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    ...(colours ? [chunk('PLTE', list)] : []),
    chunk('IDAT', packed),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Whether a PNG has a list of colours, as squeezePng writes it and browsers do not. */
export const isSqueezed = (/** @type {Buffer} */ png) => png[25] === 3;

/**
 * The same picture in fewer bytes, with at most 256 colours where that moves none of them visibly; the given bytes where there is
 * nothing to gain.
 *
 * @param {Buffer} png
 */
export function squeezePng(png) {
  const picture = withoutOpacity(decodePng(png));
  const reduced = reduceColours(picture);
  const squeezed = reduced
    ? encodePng({ ...picture, channels: 1, pixels: reduced.places }, reduced.colours)
    : encodePng(picture, null);
  return squeezed.length < png.length ? squeezed : png;
}

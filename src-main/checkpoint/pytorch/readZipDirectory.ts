import { fileError } from '../fileErrors.ts';
import { quoteName } from '../quoteName.ts';
import type { OpenFile } from '../readBytes.ts';

/** One file in a zip archive, as the directory at the archive's end describes it. */
export interface ZipEntry {
  readonly name: string;
  /** 0 is stored, 8 is deflated. */
  readonly method: number;
  readonly isEncrypted: boolean;
  /** Bytes in the archive, and bytes unpacked. */
  readonly packed: number;
  readonly unpacked: number;
  /** Position of the header in front of its bytes, and of whatever comes behind them. */
  readonly header: number;
  readonly limit: number;
}

interface Directory {
  readonly start: number;
  readonly bytes: number;
  readonly entries: number;
}

const END = 0x06054b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 65_535;
const END_64 = 0x06064b50;
const END_64_BYTES = 56;
const LOCATOR = 0x07064b50;
const LOCATOR_BYTES = 20;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
/** Bytes of the header in front of an entry's bytes, without its name. */
export const LOCAL_BYTES = 30;
const MAX_16 = 0xffff;
const MAX_32 = 0xffffffff;
const EXTRA_64 = 1;
const MOST_ENTRIES = 262_144;
const LARGEST_DIRECTORY = 128 * 2 ** 20;

type Fail = (what: string) => Error;

const u64 = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));

/** Where the record at the end of the archive begins: its comment must reach exactly to the end of the file. */
function findEnd({ size, read }: OpenFile, fail: Fail): { at: number; end: Buffer } {
  const tail = read(Math.max(0, size - END_BYTES - LONGEST_COMMENT), END_BYTES + LONGEST_COMMENT);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END) continue;
    if (tail.readUInt16LE(at + 20) !== tail.length - at - END_BYTES) continue;
    return { at: size - tail.length + at, end: tail.subarray(at, at + END_BYTES) };
  }
  throw fail('is a zip archive without its directory at the end (incomplete download)');
}

function readEnd64(file: OpenFile, at: number, fail: Fail): { directory: Directory; at: number } | null {
  if (at < LOCATOR_BYTES) return null;
  const locator = file.read(at - LOCATOR_BYTES, LOCATOR_BYTES);
  if (locator.readUInt32LE(0) !== LOCATOR) return null;
  const position = u64(locator, 8);
  if (position + END_64_BYTES > at - LOCATOR_BYTES)
    throw fail(`its zip64 record should be at byte ${String(position)}, behind its own end`);
  const end = file.read(position, END_64_BYTES);
  if (end.length < END_64_BYTES || end.readUInt32LE(0) !== END_64)
    throw fail(`there is no zip64 record at byte ${String(position)}`);
  if (end.readUInt32LE(16) !== 0 || end.readUInt32LE(20) !== 0)
    throw fail('it is one part of a split archive');
  return {
    directory: { start: u64(end, 48), bytes: u64(end, 40), entries: u64(end, 32) },
    at: position,
  };
}

function checkAgree(end: Buffer, large: Directory, fail: Fail): void {
  const pairs = [
    [end.readUInt16LE(10), MAX_16, large.entries],
    [end.readUInt32LE(12), MAX_32, large.bytes],
    [end.readUInt32LE(16), MAX_32, large.start],
  ] as const;
  if (pairs.some(([small, most, big]) => small !== most && small !== big))
    throw fail('its zip64 record and its end record disagree');
}

function findDirectory(file: OpenFile, fail: Fail): Directory {
  const { at, end } = findEnd(file, fail);
  if (end.readUInt16LE(4) !== 0 || end.readUInt16LE(6) !== 0) throw fail('it is one part of a split archive');
  const large = readEnd64(file, at, fail);
  if (large) checkAgree(end, large.directory, fail);
  const directory = large?.directory ?? {
    start: end.readUInt32LE(16),
    bytes: end.readUInt32LE(12),
    entries: end.readUInt16LE(10),
  };
  const expected = large?.at ?? at;
  if (directory.start + directory.bytes !== expected) {
    const claim = `bytes ${String(directory.start)} to ${String(directory.start + directory.bytes)}`;
    throw fail(`its directory should take ${claim}, but ends at byte ${String(expected)}`);
  }
  if (directory.entries > MOST_ENTRIES || directory.bytes > LARGEST_DIRECTORY)
    throw fail(
      `its directory claims ${String(directory.entries)} entries, at most ${String(MOST_ENTRIES)} are read`,
    );
  return directory;
}

/** The fields that did not fit into 32 bits, from the extra field made for them. */
function widen(fields: number[], extra: Buffer, fail: Fail): number[] {
  if (fields.every((field) => field !== MAX_32)) return fields;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== EXTRA_64) continue;
    let next = at + 4;
    const end = Math.min(extra.length, next + extra.readUInt16LE(at + 2));
    return fields.map((field) => {
      if (field !== MAX_32) return field;
      next += 8;
      if (next > end) throw fail('its zip64 field is too short');
      return u64(extra, next - 8);
    });
  }
  // PyTorch would read 4 GiB - 1 here; such an entry never fits without the field.
  throw fail('its zip64 field is missing');
}

type Found = Omit<ZipEntry, 'limit'>;

function readEntry(bytes: Buffer, at: number, fail: Fail): { entry: Found; next: number } {
  if (at + ENTRY_BYTES > bytes.length || bytes.readUInt32LE(at) !== ENTRY)
    throw fail(`its directory is damaged at byte ${String(at)}`);
  const nameEnd = at + ENTRY_BYTES + bytes.readUInt16LE(at + 28);
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
  const next = extraEnd + bytes.readUInt16LE(at + 32);
  if (next > bytes.length) throw fail(`its directory is damaged at byte ${String(at)}`);
  const name = bytes.toString('utf8', at + ENTRY_BYTES, nameEnd);
  const failHere: Fail = (what) => fail(`entry ${quoteName(name)}: ${what}`);
  const sizes = [24, 20, 42].map((field) => bytes.readUInt32LE(at + field));
  const [unpacked = 0, packed = 0, header = 0] = widen(sizes, bytes.subarray(nameEnd, extraEnd), failHere);
  const method = bytes.readUInt16LE(at + 10);
  const isEncrypted = (bytes.readUInt16LE(at + 8) & 0x2041) !== 0;
  if (method === 0 && !isEncrypted && packed !== unpacked)
    throw failHere(`is stored in ${String(packed)} bytes, but has ${String(unpacked)}`);
  return { entry: { name, method, isEncrypted, packed, unpacked, header }, next };
}

/** Entries in the order of their bytes, each ending before the next one begins. */
function withLimits(found: readonly Found[], end: number, fail: Fail): ZipEntry[] {
  const sorted = found.toSorted((a, b) => a.header - b.header);
  return sorted.map((entry, i) => {
    const limit = sorted[i + 1]?.header ?? end;
    const least = entry.header + LOCAL_BYTES + Buffer.byteLength(entry.name) + entry.packed;
    if (least <= limit) return { ...entry, limit };
    const other = sorted[i + 1];
    const what = other
      ? `reaches into entry ${quoteName(other.name)}`
      : 'reaches into the directory of the archive';
    throw fail(
      `entry ${quoteName(entry.name)} of ${String(entry.packed)} bytes at byte ${String(entry.header)} ${what}`,
    );
  });
}

/**
 * The files in a zip archive by name, from the directory at its end; nothing is unpacked.
 * Names are unique and no two entries share a byte. Fails with archive-damaged.
 */
export function readZipDirectory(file: OpenFile): ReadonlyMap<string, ZipEntry> {
  const fail: Fail = (what) => fileError('archive-damaged', file.path, what);
  const directory = findDirectory(file, fail);
  const bytes = file.read(directory.start, directory.bytes);
  const found: Found[] = [];
  let at = 0;
  for (let i = 0; i < directory.entries; i++) {
    const { entry, next } = readEntry(bytes, at, fail);
    found.push(entry);
    at = next;
  }
  if (at !== bytes.length) throw fail(`its directory has ${String(bytes.length - at)} bytes too many`);
  const entries = new Map<string, ZipEntry>();
  for (const entry of withLimits(found, directory.start, fail)) {
    if (entries.has(entry.name)) throw fail(`holds entry ${quoteName(entry.name)} twice`);
    entries.set(entry.name, entry);
  }
  return entries;
}

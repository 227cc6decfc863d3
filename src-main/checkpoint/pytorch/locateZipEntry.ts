import { fileError } from '../fileErrors.ts';
import { quoteName } from '../quoteName.ts';
import type { OpenFile } from '../readBytes.ts';
import type { ZipEntry } from './readZipDirectory.ts';
import { LOCAL_BYTES } from './readZipDirectory.ts';

const LOCAL = 0x04034b50;
const MAX_32 = 0xffffffff;
/** The sizes stand behind the bytes instead of in front of them. */
const SIZES_BEHIND = 8;

/** What the header in front of an entry says differently from the directory; null where they agree. */
function disagreement(local: Buffer, entry: ZipEntry): string | null {
  if (local.length < LOCAL_BYTES || local.readUInt32LE(0) !== LOCAL)
    return `has no header at byte ${String(entry.header)}`;
  if (local.readUInt16LE(8) !== entry.method) return 'is packed differently from what the directory says';
  if (local.readUInt16LE(26) !== Buffer.byteLength(entry.name))
    return 'has another name in front of its bytes';
  if ((local.readUInt16LE(6) & SIZES_BEHIND) !== 0) return null;
  const sizes = [local.readUInt32LE(18), local.readUInt32LE(22)] as const;
  const agrees = [entry.packed, entry.unpacked].every((size, i) => sizes[i] === size || sizes[i] === MAX_32);
  return agrees
    ? null
    : `has ${String(sizes[0])} bytes by its header and ${String(entry.packed)} by the directory`;
}

/** Position of an entry's bytes in the archive, as they are packed. Fails with archive-damaged. */
export function locateZipEntry({ path, read }: OpenFile, entry: ZipEntry): number {
  const fail = (what: string): Error =>
    fileError('archive-damaged', path, `entry ${quoteName(entry.name)} ${what}`);
  const nameBytes = Buffer.byteLength(entry.name);
  const local = read(entry.header, LOCAL_BYTES + nameBytes);
  const difference = disagreement(local, entry);
  if (difference !== null) throw fail(difference);
  if (local.toString('utf8', LOCAL_BYTES) !== entry.name)
    throw fail('has another name in front of its bytes');
  const begin = entry.header + LOCAL_BYTES + nameBytes + local.readUInt16LE(28);
  if (begin + entry.packed > entry.limit)
    throw fail(
      `ends at byte ${String(begin + entry.packed)}, behind byte ${String(entry.limit)} where the next part begins`,
    );
  return begin;
}

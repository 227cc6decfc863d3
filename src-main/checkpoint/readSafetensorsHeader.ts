import type { TensorInfo } from '../contract/checkpoint.ts';
import { checkTensorLayout } from './checkTensorLayout.ts';
import { fileError } from './fileErrors.ts';
import { isLfsPointer, LFS_POINTER_BYTES, lfsPointerError } from './lfsPointer.ts';
import { parseSafetensorsHeader } from './parseSafetensorsHeader.ts';
import type { OpenFile } from './readBytes.ts';
import { withFile } from './readBytes.ts';

/** What one safetensors file says about itself. */
export interface SafetensorsHeader {
  readonly file: string;
  /** Size of the file in bytes. */
  readonly size: number;
  readonly metadata: ReadonlyMap<string, string>;
  /** In the order of their bytes. */
  readonly tensors: readonly TensorInfo[];
}

const LENGTH_BYTES = 8;
/** The limit of the reference implementation. */
const LARGEST_HEADER = 100_000_000n;

function readHeaderBytes({ path, size, read }: OpenFile): Buffer {
  const start = read(0, LFS_POINTER_BYTES);
  if (isLfsPointer(start)) throw lfsPointerError(path);
  if (start.length < LENGTH_BYTES) {
    const what =
      size === 0 ? 'is empty' : `has ${String(size)} bytes, a header needs at least ${String(LENGTH_BYTES)}`;
    throw fileError('header-too-short', path, what);
  }
  const length = start.readBigUInt64LE(0);
  if (length > LARGEST_HEADER) {
    const claim = `claims a header of ${String(length)} bytes`;
    throw fileError('header-too-large', path, `${claim}, at most ${String(LARGEST_HEADER)} are allowed`);
  }
  const header = read(LENGTH_BYTES, Math.min(Number(length), Math.max(0, size - LENGTH_BYTES)));
  const missing = Number(length) - header.length;
  if (missing > 0) {
    const what = `the header has ${String(header.length)} of ${String(length)} bytes`;
    throw fileError(
      'header-too-short',
      path,
      `${what} (${String(missing)} bytes missing: incomplete download)`,
    );
  }
  return header;
}

/**
 * Reads and checks the header of a safetensors file; the data is not read.
 * Memory is bounded by the size of the header, which is at most 100 MB and never more than the file.
 * Fails with a code for each kind of damage, see the header-* and tensor-* codes of contract/errors.ts.
 */
export function readSafetensorsHeader(path: string): SafetensorsHeader {
  return withFile(path, (file) => {
    const json = readHeaderBytes(file);
    const { metadata, entries } = parseSafetensorsHeader(json, path);
    const start = LENGTH_BYTES + json.length;
    const sorted = checkTensorLayout(entries, { file: path, start, length: file.size - start });
    const tensors = sorted.map(({ name, dtype, shape, begin, end }) => {
      return { name, dtype, shape: [...shape], file: path, offset: start + begin, bytes: end - begin };
    });
    return { file: path, size: file.size, metadata, tensors };
  });
}

import type { ModelConfig, TensorInfo } from '../../contract/checkpoint.ts';
import { fileError } from '../fileErrors.ts';
import { isLfsPointer, LFS_POINTER_BYTES, lfsPointerError } from '../lfsPointer.ts';
import type { OpenFile } from '../readBytes.ts';
import { withFile } from '../readBytes.ts';
import { checkGgufLayout } from './checkGgufLayout.ts';
import { ggufArchitecture, ggufConfig } from './ggufConfig.ts';
import { GgufCursor } from './GgufCursor.ts';
import { GGUF_NAMINGS } from './ggufNames.ts';
import { presentGgufTensors } from './presentGgufTensors.ts';
import type { GgufMetadata } from './readGgufMetadata.ts';
import { readGgufMetadata } from './readGgufMetadata.ts';
import type { GgufTensor } from './readGgufTensors.ts';
import { readGgufTensors } from './readGgufTensors.ts';

/** What one GGUF file says about itself. */
export interface GgufHeader {
  readonly file: string;
  /** Size of the file in bytes. */
  readonly size: number;
  /** In the order of their bytes, under their Hugging Face names where those are known. */
  readonly tensors: TensorInfo[];
  /** Null where the metadata names no architecture, as in all but the first file of a split model. */
  readonly config: ModelConfig | null;
  readonly metadata: GgufMetadata;
  /** Oddities that do not prevent work, in words. */
  readonly warnings: string[];
}

const MAGIC = 'GGUF';
/** Magic, version, number of tensors, number of metadata entries. */
const FIXED_BYTES = 24;
const USUAL_ALIGNMENT = 32;

function checkStart({ path, size, read }: OpenFile): void {
  const start = read(0, LFS_POINTER_BYTES);
  if (isLfsPointer(start)) throw lfsPointerError(path);
  if (size === 0) throw fileError('gguf-damaged', path, 'is empty');
  const magic = start.subarray(0, MAGIC.length).toString('latin1');
  if (magic !== MAGIC) throw fileError('gguf-damaged', path, 'does not begin with "GGUF"');
  if (size < FIXED_BYTES) {
    const what = `has ${String(size)} bytes, a header needs at least ${String(FIXED_BYTES)} (incomplete download)`;
    throw fileError('gguf-damaged', path, what);
  }
}

function checkVersion(version: number, path: string): void {
  if (version === 2 || version === 3) return;
  const convert = 'convert the model again with llama.cpp';
  if (version !== 0 && version % 0x10000 === 0)
    throw fileError('unsupported-format', path, `is a big-endian GGUF file; only little-endian is read`);
  if (version === 0) throw fileError('gguf-damaged', path, 'has the version 0, which there never was');
  const what = `has GGUF version ${String(version)}; versions 2 and 3 are read: ${convert}`;
  throw fileError('unsupported-format', path, what);
}

function alignmentOf(metadata: GgufMetadata, path: string): number {
  const value = metadata.has('general.alignment') ? metadata.get('general.alignment') : USUAL_ALIGNMENT;
  const isPower =
    typeof value === 'number' && value >= 1 && value <= 2 ** 31 && Number.isInteger(Math.log2(value));
  if (isPower) return value;
  const shown = typeof value === 'number' || typeof value === 'boolean' ? ` ${String(value)}` : '';
  throw fileError('gguf-damaged', path, `the alignment${shown} is not a power of two`);
}

interface StoredTensors {
  readonly metadata: GgufMetadata;
  readonly tensors: readonly GgufTensor[];
  /** First byte of the data section. */
  readonly start: number;
}

function readStored(file: OpenFile): StoredTensors {
  checkStart(file);
  const cursor = new GgufCursor(file);
  cursor.skip(MAGIC.length);
  checkVersion(cursor.u32(), file.path);
  const tensorCount = cursor.u64();
  const metadata = readGgufMetadata(cursor, cursor.u64());
  const alignment = alignmentOf(metadata, file.path);
  const listed = readGgufTensors(cursor, tensorCount, file.path);
  const start = Math.ceil(cursor.position / alignment) * alignment;
  // A file without tensors may end before its padding does: the length is negative then.
  const section = { file: file.path, start, length: file.size - start };
  return { metadata, tensors: checkGgufLayout(listed, alignment, section), start };
}

/**
 * Reads and checks the header of one GGUF file (version 2 or 3, little-endian); the data is not read. Tensors get the names, shapes and
 * element order of Hugging Face where llama.cpp's converter is known to have changed them. Of a split model only the first file
 * carries the metadata of the model: hand its `metadata` over as `model` when the others are read.
 * Fails with gguf-damaged, unsupported-format or git-lfs-pointer. Memory is bounded by names and short values, never by tokenizers.
 */
export function readGgufHeader(path: string, model?: GgufMetadata): GgufHeader {
  return withFile(path, (file) => {
    const { metadata, tensors: listed, start } = readStored(file);
    const described = model ?? metadata;
    const architecture = ggufArchitecture(described);
    const naming = GGUF_NAMINGS.get(architecture ?? '') ?? null;
    const config = ggufConfig(described, naming, listed);
    const stored = listed.map(({ name, dtype, shape, offset, bytes }): TensorInfo => {
      return { name, dtype, shape: [...shape], file: path, offset: start + offset, bytes };
    });
    const { tensors, warnings } = presentGgufTensors(stored, naming, { architecture, config });
    return { file: path, size: file.size, tensors, config, metadata, warnings };
  });
}

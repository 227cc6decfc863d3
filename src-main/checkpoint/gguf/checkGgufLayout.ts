import type { PolarimeterError } from '../../contract/errors.ts';
import type { DataSection } from '../checkTensorLayout.ts';
import { fileError } from '../fileErrors.ts';
import { quoteName } from '../quoteName.ts';
import type { GgufTensor } from './readGgufTensors.ts';

function checkEnd(tensors: readonly GgufTensor[], { file, start, length }: DataSection): void {
  const first = tensors.find(({ offset, bytes }) => offset + bytes > length);
  if (!first) return;
  const needed = tensors.reduce((most, { offset, bytes }) => Math.max(most, offset + bytes), 0);
  const [ends, has] = [start + first.offset + first.bytes, start + length];
  const what = `tensor ${quoteName(first.name)} ends at byte ${String(ends)} of the file, which has ${String(has)} bytes`;
  const missing = `(${String(needed - length)} bytes missing: incomplete download)`;
  throw fileError('gguf-damaged', file, `${what} ${missing}`);
}

function overlapError(file: string, tensor: GgufTensor, before: GgufTensor): PolarimeterError {
  const range = `(bytes ${String(before.offset)} to ${String(before.offset + before.bytes)})`;
  const starts = `tensor ${quoteName(tensor.name)} starts at byte ${String(tensor.offset)} of the data`;
  return fileError('gguf-damaged', file, `${starts}, inside tensor ${quoteName(before.name)} ${range}`);
}

/**
 * Tensors in the order of their bytes, after checking that each begins at a multiple of the alignment, ends inside the file,
 * and shares no byte with another. Bytes that belong to no tensor are allowed: they pad. Fails with gguf-damaged.
 */
export function checkGgufLayout(
  tensors: readonly GgufTensor[],
  alignment: number,
  section: DataSection,
): GgufTensor[] {
  const { file } = section;
  const crooked = tensors.find(({ offset }) => offset % alignment !== 0);
  if (crooked) {
    const what = `tensor ${quoteName(crooked.name)} starts at byte ${String(crooked.offset)} of the data`;
    throw fileError(
      'gguf-damaged',
      file,
      `${what}, which is no multiple of the alignment ${String(alignment)}`,
    );
  }
  checkEnd(tensors, section);
  const sorted = [...tensors].sort((a, b) => a.offset - b.offset || a.bytes - b.bytes);
  let before: GgufTensor | null = null;
  for (const tensor of sorted) {
    if (before && tensor.offset < before.offset + before.bytes) throw overlapError(file, tensor, before);
    before = tensor;
  }
  return sorted;
}

import type { StridedAxis, TensorInfo } from '../contract/checkpoint.ts';

/** Elements of a tensor that form a tensor of their own, as in the derivation "strided". */
export interface Selection {
  readonly shape: number[];
  readonly start: number;
  readonly rows: StridedAxis;
  readonly cols: StridedAxis;
}

export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** The same axis with as few digits as possible. */
function joined({ sizes, strides }: StridedAxis): StridedAxis {
  const digits: { size: number; stride: number }[] = [];
  for (const [i, size] of sizes.entries()) {
    const stride = strides[i] ?? 0;
    const last = digits.at(-1);
    if (size === 1) continue;
    if (last && last.stride === size * stride) {
      last.size *= size;
      last.stride = stride;
    } else digits.push({ size, stride });
  }
  if (digits.length === 0) digits.push({ size: 1, stride: 0 });
  return { sizes: digits.map(({ size }) => size), strides: digits.map(({ stride }) => stride) };
}

const isEvery = ({ sizes, strides }: StridedAxis, step: number): boolean =>
  sizes.length === 1 && (sizes[0] === 1 || strides[0] === step);

/** Whole rows of what is read from a file, or elements where each has its own bytes; null where the bytes cannot be told. */
function storedRange(of: TensorInfo, name: string, shape: number[], start: number): TensorInfo | null {
  const elements = elementCount(of.shape);
  const unit = Number.isInteger(of.bytes / elements) ? 1 : (of.shape.at(-1) ?? 1);
  const bytesPerUnit = of.bytes / (elements / unit);
  const count = elementCount(shape);
  if (elements === 0 || !Number.isInteger(bytesPerUnit) || start % unit !== 0 || count % unit !== 0)
    return null;
  const offset = of.offset + (start / unit) * bytesPerUnit;
  return { ...of, name, shape, offset, bytes: (count / unit) * bytesPerUnit };
}

const bytesOf = (...parts: readonly TensorInfo[]): number => parts.reduce((sum, { bytes }) => sum + bytes, 0);

/** Rows of a derived matrix, as the same derivation of rows of its parts; null where they do not come apart so. */
function derivedRows(of: TensorInfo, name: string, first: number, count: number): TensorInfo | null {
  const { derived } = of;
  if (derived?.kind === 'scaled') {
    const [tall] = derived.block;
    const [firstBlock, lastBlock] = [Math.floor(first / tall), Math.floor((first + count - 1) / tall)];
    const isWholeBlocks = first % tall === 0 && (count % tall === 0 || first + count === of.shape[0]);
    if (!isWholeBlocks && firstBlock !== lastBlock) return null;
    const rows = sliceRows(derived.of, derived.of.name, first, count);
    const scale = sliceRows(derived.scale, derived.scale.name, firstBlock, lastBlock - firstBlock + 1);
    return {
      ...rows,
      name,
      dtype: of.dtype,
      bytes: bytesOf(rows, scale),
      derived: { ...derived, of: rows, scale },
    };
  }
  if (derived?.kind === 'low-rank' && !derived.transposed) {
    const base = sliceRows(derived.base, derived.base.name, first, count);
    const up = sliceRows(derived.up, derived.up.name, first, count);
    return {
      ...base,
      name,
      dtype: of.dtype,
      bytes: bytesOf(base, up, derived.down),
      derived: { ...derived, base, up },
    };
  }
  return null;
}

function contiguousPart(of: TensorInfo, name: string, shape: number[], start: number): TensorInfo | null {
  if (!of.derived) return storedRange(of, name, shape, start);
  const width = of.shape[1] ?? 0;
  const isRows = of.shape.length === 2 && shape.length === 2 && shape[1] === width && start % width === 0;
  return isRows ? derivedRows(of, name, start / width, shape[0] ?? 0) : null;
}

/**
 * The selected elements of a tensor. A contiguous range of what is stored is a stored tensor at another offset; of a
 * matrix that is scaled or has a low-rank update, whole rows are the same made of rows; everything else is strided.
 */
export function sliceTensor(of: TensorInfo, name: string, selection: Selection): TensorInfo {
  const [rows, cols] = [joined(selection.rows), joined(selection.cols)];
  const { shape, start } = selection;
  if (isEvery(cols, 1) && isEvery(rows, elementCount(cols.sizes))) {
    const part = contiguousPart(of, name, shape, start);
    if (part) return part;
  }
  return { ...of, name, shape, derived: { kind: 'strided', of, start, rows, cols } };
}

/** Rows of a matrix (rows, columns), or elements of a vector. */
export function sliceRows(of: TensorInfo, name: string, first: number, count: number): TensorInfo {
  if (first === 0 && count === (of.shape[0] ?? 1)) return { ...of, name };
  const [, ...rest] = of.shape;
  const width = elementCount(rest);
  const rows = { sizes: [count], strides: [width] };
  const cols = { sizes: [width], strides: [1] };
  return sliceTensor(of, name, { shape: [count, ...rest], start: first * width, rows, cols });
}

/** A matrix with rows and columns exchanged. */
export function transposed(of: TensorInfo): TensorInfo {
  const [rows = 1, cols = 1] = of.shape;
  const shape = [cols, rows];
  if (of.derived?.kind === 'strided') {
    return { ...of, shape, derived: { ...of.derived, rows: of.derived.cols, cols: of.derived.rows } };
  }
  const down = { sizes: [cols], strides: [1] };
  const across = { sizes: [rows], strides: [cols] };
  return { ...of, shape, derived: { kind: 'strided', of, start: 0, rows: down, cols: across } };
}

import { isPlain, isQuantized } from '../contract/checkpoint.ts';
import type {
  Derivation,
  PlainDtype,
  QuantizedDtype,
  StridedAxis,
  TensorInfo,
} from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';

interface Matrix {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
}

/** A matrix on disk: rows x cols elements, row-major, little-endian, without gaps, from `offset`. */
export interface StoredSource extends Matrix {
  /** Absolute path of the file. */
  readonly path: string;
  /** First byte in the file. */
  readonly offset: number;
  readonly dtype: PlainDtype | QuantizedDtype;
}

/** A matrix made of others while it is read; see Derivation. */
export interface DerivedSource extends Matrix {
  readonly derived: SourceDerivation;
}

export type TensorSource = StoredSource | DerivedSource;

export type SourceDerivation =
  | {
      readonly kind: 'scaled';
      readonly of: TensorSource;
      readonly scale: TensorSource;
      readonly block: readonly [number, number];
    }
  | {
      readonly kind: 'low-rank';
      readonly base: TensorSource;
      readonly up: TensorSource;
      readonly down: TensorSource;
      readonly factor: number;
      readonly transposed: boolean;
    }
  | {
      readonly kind: 'strided';
      readonly of: TensorSource;
      readonly start: number;
      readonly rows: StridedAxis;
      readonly cols: StridedAxis;
    };

/** Derivations on top of each other that the native core takes. */
const MOST_DERIVATIONS = 8;

/**
 * A tensor of a checkpoint as the matrix that operations see: 0-D is 1 x 1, 1-D is 1 x n, more than two dimensions are
 * first x product of the rest; what it is made of, likewise.
 * Fails with `invalid-argument` for what cannot be computed with.
 */
export function tensorSource(tensor: TensorInfo): TensorSource {
  return sourceOf(tensor, 0);
}

/** Every file behind a source, each once. */
export function sourceFiles(source: TensorSource): string[] {
  return [...new Set(filesOf(source))];
}

function filesOf(source: TensorSource): string[] {
  return 'derived' in source ? sourceParts(source.derived).flatMap(filesOf) : [source.path];
}

function sourceParts(derived: SourceDerivation): TensorSource[] {
  if (derived.kind === 'scaled') return [derived.of, derived.scale];
  return derived.kind === 'strided' ? [derived.of] : [derived.base, derived.up, derived.down];
}

function sourceOf(tensor: TensorInfo, depth: number): TensorSource {
  const { name, dtype, shape, file, offset, derived, opaque } = tensor;
  const refuse = (why: string) => new PolarimeterError('invalid-argument', why, name);
  if (opaque !== undefined) throw refuse(`the tensor is listed but not computed with: ${opaque}`);
  const [first = 1, ...rest] = shape.length < 2 ? [1, ...shape] : shape;
  const matrix = { name, rows: first, cols: rest.reduce((product, size) => product * size, 1) };
  if (derived) {
    if (depth === MOST_DERIVATIONS) throw refuse('the tensor is derived from derived ones too many times');
    return { ...matrix, derived: derivationOf(derived, depth + 1) };
  }
  if (!isPlain(dtype) && !isQuantized(dtype)) {
    throw refuse(`${dtype} tensors are listed but not computed with`);
  }
  return { ...matrix, path: file, offset, dtype };
}

function derivationOf(derived: Derivation, depth: number): SourceDerivation {
  if (derived.kind === 'scaled') {
    const { kind, of, scale, block } = derived;
    return { kind, of: sourceOf(of, depth), scale: sourceOf(scale, depth), block };
  }
  if (derived.kind === 'strided') {
    const { kind, of, start, rows, cols } = derived;
    return { kind, of: sourceOf(of, depth), start, rows, cols };
  }
  const { kind, base, up, down, factor, transposed } = derived;
  const [baseSource, upSource, downSource] = [base, up, down].map((part) => sourceOf(part, depth)) as [
    TensorSource,
    TensorSource,
    TensorSource,
  ];
  return { kind, base: baseSource, up: upSource, down: downSource, factor, transposed };
}

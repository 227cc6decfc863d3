import type { SourceDerivation, TensorSource } from '../tensors/tensorSource.ts';
import type { FileHandle, RawDerivation, RawTensorView } from './raw.ts';

/** A source as the addon takes it. @param handleOf the open file at a path */
export function rawView(source: TensorSource, handleOf: (path: string) => FileHandle): RawTensorView {
  const { rows, cols } = source;
  if ('derived' in source) {
    return { derived: rawDerivation(source.derived, (part) => rawView(part, handleOf)), rows, cols };
  }
  return { file: handleOf(source.path), offset: source.offset, dtype: source.dtype, rows, cols };
}

function rawDerivation(derived: SourceDerivation, raw: (part: TensorSource) => RawTensorView): RawDerivation {
  switch (derived.kind) {
    case 'scaled':
      return { ...derived, of: raw(derived.of), scale: raw(derived.scale) };
    case 'strided':
      return { ...derived, of: raw(derived.of) };
    case 'low-rank':
      return { ...derived, base: raw(derived.base), up: raw(derived.up), down: raw(derived.down) };
  }
}

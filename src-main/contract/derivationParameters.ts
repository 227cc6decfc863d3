import type { Derivation, StridedAxis } from './checkpoint.ts';

/** Everything about a derivation but the tensors that it is made of, in a fixed order. */
export function derivationParameters(derived: Derivation): unknown[] {
  switch (derived.kind) {
    case 'scaled':
      return [derived.kind, ...derived.block];
    case 'low-rank':
      return [derived.kind, derived.factor, derived.transposed];
    case 'strided':
      return [derived.kind, derived.start, axis(derived.rows), axis(derived.cols)];
  }
}

const axis = ({ sizes, strides }: StridedAxis): unknown[] => [sizes, strides];

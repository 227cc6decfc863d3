import { isPlain, type PlainDtype, type TensorInfo } from '../contract/checkpoint.ts';

/** The tensor that the elements themselves come from: of a scaled one without the scale, of a sum the base. */
function mainPart({ derived, ...tensor }: TensorInfo): TensorInfo {
  if (!derived) return tensor;
  return mainPart(derived.kind === 'low-rank' ? derived.base : derived.of);
}

/**
 * Element type in which a changed tensor of the target is stored: its own where its bytes are its elements; of a sum that of its base.
 * Quantised and scaled ones, which no file could hold changed, become bfloat16.
 */
export function madeDtype(target: TensorInfo): PlainDtype {
  const { dtype } = mainPart(target);
  if (!isPlain(dtype)) return 'BF16';
  return target.derived && dtype.startsWith('F8') ? 'BF16' : dtype;
}

/** Whether a tensor is stored just as a changed one of the target would be. */
export const isStoredAs = (tensor: TensorInfo, target: TensorInfo): boolean =>
  tensor.derived === undefined && tensor.opaque === undefined && tensor.dtype === madeDtype(target);

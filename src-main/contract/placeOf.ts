import { partsOf, type TensorInfo } from './checkpoint.ts';
import { derivationParameters } from './derivationParameters.ts';

/** Where and how a tensor lies on disk: the same text for the same elements in the same shape. Of a derived one, of all its parts. */
export function placeOf(tensor: TensorInfo): string {
  const { file, offset, dtype, shape, derived } = tensor;
  if (!derived) return JSON.stringify([file, offset, dtype, shape]);
  return JSON.stringify([derivationParameters(derived), shape, partsOf(tensor).map(placeOf)]);
}

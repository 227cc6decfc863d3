import { createHash } from 'node:crypto';
import { partsOf, type TensorInfo } from '../contract/checkpoint.ts';
import { derivationParameters } from '../contract/derivationParameters.ts';

/**
 * Content of a tensor as text of 32 hexadecimal digits: of a stored one the hash of its bytes; of a derived one that of its parts, their
 * shapes and dtypes, and the way in which they are combined. Rejects as `hashOfStored` does.
 */
export async function contentOf(
  tensor: TensorInfo,
  hashOfStored: (stored: TensorInfo) => Promise<string>,
): Promise<string> {
  if (!tensor.derived) return await hashOfStored(tensor);
  const parts: unknown[] = [];
  for (const part of partsOf(tensor)) {
    parts.push([await contentOf(part, hashOfStored), part.dtype, part.shape]);
  }
  const text = JSON.stringify([derivationParameters(tensor.derived), tensor.shape, parts]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

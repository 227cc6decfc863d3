import type { PolarimeterError } from '../../contract/errors.ts';
import { fileError } from '../fileErrors.ts';
import { isLfsPointer, lfsPointerError } from '../lfsPointer.ts';

/** Bytes of a file's beginning that tell what it is. */
export const TELLING_BYTES = 512;
const TAR_AT = 257;

const startsWith = (start: Buffer, text: string, at = 0): boolean =>
  start.subarray(at, at + text.length).toString('latin1') === text;

/** Why a file that begins like this is neither a PyTorch archive nor one of the format before. */
export function explainBytes(path: string, start: Buffer): PolarimeterError {
  if (isLfsPointer(start)) return lfsPointerError(path);
  if (start.length === 0) return fileError('archive-damaged', path, 'is empty');
  const unsupported = (what: string): PolarimeterError => fileError('unsupported-format', path, what);
  if (startsWith(start, 'ustar', TAR_AT))
    return unsupported("is a tar archive: PyTorch's own format of 2016, or something else; neither is read");
  if (start[8] === 0x7b)
    return unsupported('is a safetensors file under another name; rename it to .safetensors');
  if (startsWith(start, 'GGUF')) return unsupported('is a GGUF file under another name; rename it to .gguf');
  if (startsWith(start, '\x89HDF')) return unsupported('is an HDF5 file (Keras or TensorFlow)');
  const text = start.toString('latin1').trimStart();
  if (/^<(!doctype|html|\?xml)/i.test(text))
    return fileError('archive-damaged', path, 'is a web page, not the file that was asked for');
  if (text.startsWith('{')) return fileError('archive-damaged', path, 'is a JSON text, not a PyTorch file');
  return fileError('archive-damaged', path, 'begins like no file of torch.save');
}

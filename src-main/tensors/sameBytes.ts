import { closeSync, openSync, readSync } from 'node:fs';
import { must } from '../base/assert.ts';
import { partsOf, type TensorInfo } from '../contract/checkpoint.ts';
import { derivationParameters } from '../contract/derivationParameters.ts';
import { PolarimeterError } from '../contract/errors.ts';

const BLOCK = 4 * 2 ** 20;

/** Whether two tensors hold the same bytes; derived ones, whether they are made in the same way of the same. fails file-open, file-too-short */
export function sameBytes(a: TensorInfo, b: TensorInfo): boolean {
  if (!a.derived && !b.derived) return sameStored(a, b);
  if (!a.derived || !b.derived) return false;
  const [waysA, waysB] = [a.derived, b.derived].map((derived) =>
    JSON.stringify(derivationParameters(derived)),
  );
  const others = partsOf(b);
  return waysA === waysB && partsOf(a).every((part, i) => isSamePart(part, must(others[i], part.name)));
}

function isSamePart(a: TensorInfo, b: TensorInfo): boolean {
  return a.dtype === b.dtype && a.shape.join() === b.shape.join() && sameBytes(a, b);
}

function sameStored(a: TensorInfo, b: TensorInfo): boolean {
  if (a.bytes !== b.bytes) return false;
  using left = opened(a.file);
  using right = opened(b.file);
  const blocks = [Buffer.alloc(Math.min(BLOCK, a.bytes)), Buffer.alloc(Math.min(BLOCK, b.bytes))] as const;
  for (let at = 0; at < a.bytes; at += BLOCK) {
    const length = Math.min(BLOCK, a.bytes - at);
    readFully(left.fd, blocks[0].subarray(0, length), { position: a.offset + at, file: a.file });
    readFully(right.fd, blocks[1].subarray(0, length), { position: b.offset + at, file: b.file });
    if (!blocks[0].subarray(0, length).equals(blocks[1].subarray(0, length))) return false;
  }
  return true;
}

function opened(file: string): { readonly fd: number } & Disposable {
  try {
    const fd = openSync(file, 'r');
    return { fd, [Symbol.dispose]: () => closeSync(fd) };
  } catch (error) {
    throw new PolarimeterError('file-open', error instanceof Error ? error.message : String(error), file);
  }
}

function readFully(fd: number, block: Buffer, { position, file }: { position: number; file: string }): void {
  for (let done = 0; done < block.length;) {
    const read = readSync(fd, block, done, block.length - done, position + done);
    if (read === 0) throw new PolarimeterError('file-too-short', 'the file ended inside a tensor', file);
    done += read;
  }
}

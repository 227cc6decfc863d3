import { closeSync, openSync, readSync } from 'node:fs';
import type { TensorInfo } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';

const BLOCK = 4 * 2 ** 20;

/** Whether two tensors hold the same bytes. fails file-open, file-too-short */
export function sameBytes(a: TensorInfo, b: TensorInfo): boolean {
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

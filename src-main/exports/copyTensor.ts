import { open, type FileHandle } from 'node:fs/promises';
import type { TensorInfo } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';

const BLOCK = 8 * 2 ** 20;

/**
 * Copies the bytes of a stored tensor into an open file, block by block.
 * Fails with `file-too-short`, `cancelled`, and with what the operating system says.
 */
export async function copyTensor(
  tensor: TensorInfo,
  target: FileHandle,
  offset: number,
  { signal, onBytes }: { signal: AbortSignal; onBytes: (bytes: number) => void },
): Promise<void> {
  const source = await open(tensor.file, 'r');
  try {
    const buffer = Buffer.alloc(Math.min(BLOCK, tensor.bytes));
    for (let at = 0; at < tensor.bytes;) {
      if (signal.aborted) throw new PolarimeterError('cancelled', 'cancelled', tensor.name);
      const wanted = Math.min(BLOCK, tensor.bytes - at);
      const { bytesRead } = await source.read(buffer, 0, wanted, tensor.offset + at);
      if (bytesRead === 0)
        throw new PolarimeterError('file-too-short', 'the file ended inside a tensor', tensor.file);
      await writeFully(target, buffer.subarray(0, bytesRead), offset + at);
      at += bytesRead;
      onBytes(bytesRead);
    }
  } finally {
    await source.close();
  }
}

async function writeFully(target: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await target.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

import { randomBytes } from 'node:crypto';
import { statSync, utimesSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { accessing, systemCode } from '../checkpoint/fileErrors.ts';
import { readSafetensorsHeader } from '../checkpoint/readSafetensorsHeader.ts';
import { VERSION } from '../base/version.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { MadeTensor } from '../contract/recipe.ts';
import { madeFileName } from '../tensors/madeFile.ts';
import { writeError } from './recipeText.ts';
import type { TensorPlan } from './TensorPlan.ts';
import { workFolder } from './workFolder.ts';

/** Where the elements begin in the file of a made tensor: its header has room to spare, so that this is known before it is written. */
export const MADE_OFFSET = 4096;
const LENGTH_BYTES = 8;

export const madeFolder = (): string => join(workFolder(), 'tensors');

/** The file of what has this key. */
export const madePath = (key: string): string => join(madeFolder(), key.slice(0, 2), madeFileName(key));

/** What was measured of a tensor while it was made: kept in its file. */
export const Measured = MadeTensor.pick({ moved: true, rounding: true, productError: true });
export type Measured = z.infer<typeof Measured>;

type Layout = Pick<TensorPlan, 'path' | 'dtype' | 'shape' | 'bytes'>;

function headerBytes({ dtype, shape, bytes }: Layout, measured: Measured): Buffer {
  const metadata = { format: 'pt', polarimeter: VERSION, measured: JSON.stringify(measured) };
  const text = JSON.stringify({ __metadata__: metadata, tensor: { dtype, shape, data_offsets: [0, bytes] } });
  const header = Buffer.alloc(MADE_OFFSET, ' ');
  header.writeBigUInt64LE(BigInt(MADE_OFFSET - LENGTH_BYTES), 0);
  if (Buffer.byteLength(text) > MADE_OFFSET - LENGTH_BYTES) throw new Error('the header has no room');
  header.write(text, LENGTH_BYTES);
  return header;
}

/**
 * What was measured of a made tensor; null where it is not there. The file counts as used now. One of another size or with another header,
 * as a failing disk leaves it, is made again.
 */
export function readMade({ path, bytes }: Pick<Layout, 'path' | 'bytes'>): Measured | null {
  const found = accessing(path, () => statSync(path, { throwIfNoEntry: false }));
  if (found?.size !== MADE_OFFSET + bytes) return null;
  try {
    const text = readSafetensorsHeader(path).metadata.get('measured') ?? '';
    const measured = Measured.parse(JSON.parse(text));
    markUsed(path, found.mtime);
    return measured;
  } catch (error) {
    if (error instanceof PolarimeterError || error instanceof SyntaxError || error instanceof z.ZodError)
      return null;
    throw error;
  }
}

/** The time of access tells what was used last; that of modification tells readers that nothing changed, and is in whole seconds for this. */
function markUsed(path: string, modified: Date): void {
  try {
    utimesSync(path, new Date(), modified);
  } catch (error) {
    // Of another user: it can be used all the same.
    if (systemCode(error) === null) throw error;
  }
}

/**
 * Writes a file of the work folder in one step: `fill` writes the elements into a file that nobody sees, which gets its name when they, and
 * what was measured, are safe on the disk. Whatever fails leaves nothing behind. Fails with `disk-full`, `write-failed`, and as `fill` does.
 */
export async function writeMade(
  layout: Layout,
  fill: (path: string) => Promise<Measured>,
): Promise<Measured> {
  const { path, bytes } = layout;
  const temporary = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
  } catch (error) {
    throw writeError(error, path);
  }
  try {
    await using file = await open(temporary, 'wx');
    await file.truncate(MADE_OFFSET + bytes);
    const measured = await fill(temporary);
    await file.write(headerBytes(layout, measured), 0, MADE_OFFSET, 0);
    await file.sync();
    const seconds = Math.floor(Date.now() / 1000);
    await file.utimes(seconds, seconds);
    await rename(temporary, path);
    return measured;
  } catch (error) {
    await rm(temporary, { force: true });
    // People know the folder; the name of the unfinished file is gone with it.
    if (error instanceof PolarimeterError && error.where === temporary)
      throw new PolarimeterError(error.code, error.message, path);
    throw writeError(error, path);
  }
}

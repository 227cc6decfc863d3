import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { systemCode } from '../../checkpoint/fileErrors.ts';
import type { GgufPlan } from '../gguf/planGguf.ts';

/** What lies in a converted model, and the journal of its patching at once: it is replaced before and after bytes are written. */
const ModelRecord = z.object({
  schema: z.literal('polarimeter.model-file/1'),
  /** Hash of everything in front of the weights: metadata, vocabulary, names, shapes, types and places. */
  header: z.string(),
  bytes: z.number().int(),
  /** Size and modification time of the file; null while weights are being written. */
  state: z.string().nullable(),
  /** Key of what each weight was converted from. */
  tensors: z.record(z.string(), z.string()),
  /** Weights that are being written: what lies in their place is not known. */
  writing: z.array(z.string()),
});
export type ModelRecord = z.infer<typeof ModelRecord>;

const NAME = 'model.json';

export const headerKey = ({ header }: GgufPlan): string => createHash('sha256').update(header).digest('hex');

/** Null where nothing is, or what is there is damaged: the model is then converted again. */
export function readRecord(folder: string): ModelRecord | null {
  try {
    return ModelRecord.parse(JSON.parse(readFileSync(join(folder, NAME), 'utf8')));
  } catch (error) {
    if (systemCode(error) !== null || error instanceof SyntaxError || error instanceof z.ZodError)
      return null;
    throw error;
  }
}

/** On the disk when it returns. Throws what the operating system says. */
export function writeRecord(folder: string, record: ModelRecord): void {
  const path = join(folder, NAME);
  const file = openSync(`${path}.part`, 'w');
  try {
    writeSync(file, JSON.stringify(record));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.part`, path);
  syncFolder(folder);
}

/** Makes renames in a folder last. Windows cannot do it, and does not need it. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

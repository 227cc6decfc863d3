import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { accessing } from '../checkpoint/fileErrors.ts';

/** The schema is among the first fields of every recipe that people or programs write. */
const HEAD_BYTES = 64 * 1024;
const SCHEMA = /["']?schema["']?\s*:\s*["']?polarimeter\.recipe\//;

function startOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.toString('utf8', 0, readSync(file, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

/** Whether a path is a recipe: any YAML file, or a JSON file that says so. False for what is not there. */
export function isRecipeFile(path: string): boolean {
  const [, kind] = /\.(ya?ml|json)$/i.exec(path) ?? [];
  if (kind === undefined || !(statSync(path, { throwIfNoEntry: false })?.isFile() ?? false)) return false;
  return kind.toLowerCase() !== 'json' || SCHEMA.test(accessing(path, () => startOf(path)));
}

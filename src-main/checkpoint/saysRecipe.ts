import { withFile } from './readBytes.ts';

/** The schema is among the first fields of every recipe that people or programs write. */
const HEAD_BYTES = 64 * 1024;
const SCHEMA = /["']?schema["']?\s*:\s*["']?polarimeter\.recipe\//;

/** Whether a file calls itself a recipe. Fails as reading files does. */
export function saysRecipe(path: string): boolean {
  return withFile(path, ({ read }) => SCHEMA.test(read(0, HEAD_BYTES).toString('utf8')));
}

import { statSync } from 'node:fs';
import { PolarimeterError } from '../contract/errors.ts';
import { isRecipeFile } from '../recipes/isRecipeFile.ts';

/** A recipe file replaces another recipe file, if that was asked for, and nothing else. Fails with `output-exists`. */
export function refuseExisting(path: string, force: boolean): void {
  if (!statSync(path, { throwIfNoEntry: false })) return;
  if (force && isRecipeFile(path)) return;
  if (!isRecipeFile(path)) {
    const what = 'there is something at this path that is no recipe, and is not replaced';
    throw new PolarimeterError('output-exists', what, path, 'choose another path');
  }
  throw new PolarimeterError('output-exists', 'there is a recipe at this path', path);
}

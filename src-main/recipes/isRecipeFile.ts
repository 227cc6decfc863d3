import { statSync } from 'node:fs';
import { saysRecipe } from '../checkpoint/saysRecipe.ts';

/** Whether a path is a recipe: any YAML file, or a JSON file that says so. False for what is not there. */
export function isRecipeFile(path: string): boolean {
  const [, kind] = /\.(ya?ml|json)$/i.exec(path) ?? [];
  if (kind === undefined || !(statSync(path, { throwIfNoEntry: false })?.isFile() ?? false)) return false;
  return kind.toLowerCase() !== 'json' || saysRecipe(path);
}

import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { storedTensors, type Checkpoint } from '../contract/checkpoint.ts';

const folderOf = (path: string): string => (statSync(path).isDirectory() ? path : dirname(path));

/** Every folder in which files of a checkpoint lie, links followed; of an adapter, its own and that of its base as well. */
export function weightFolders(checkpoint: Checkpoint): string[] {
  const files = new Set(checkpoint.tensors.flatMap(storedTensors).map(({ file }) => file));
  const folders = [...files].flatMap((file) => [dirname(file), dirname(realpathSync(file))]);
  const own = checkpoint.recipe ? [] : [folderOf(checkpoint.path)];
  return [...new Set([...own, ...folders])];
}

/**
 * Where configuration and tokenizer of a checkpoint are: in its folder; of an adapter first in its own, then in that of its base;
 * of a recipe in those of its target.
 */
export function companionFolders(checkpoint: Checkpoint, open: (path: string) => Checkpoint): string[] {
  const { path, adapter, recipe } = checkpoint;
  if (recipe) return companionFolders(open(recipe.target), open);
  return adapter ? [folderOf(path), ...companionFolders(open(adapter.base), open)] : [folderOf(path)];
}

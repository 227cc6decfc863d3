import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Checkpoint } from '../contract/checkpoint.ts';

const folderOf = (path: string): string => (statSync(path).isDirectory() ? path : dirname(path));

/**
 * Where configuration and tokenizer of a checkpoint are: in its folder; of an adapter first in its own, then in that of its base;
 * of a recipe in those of its target.
 */
export function companionFolders(checkpoint: Checkpoint, open: (path: string) => Checkpoint): string[] {
  const { path, adapter, recipe } = checkpoint;
  if (recipe) return companionFolders(open(recipe.target), open);
  return adapter ? [folderOf(path), ...companionFolders(open(adapter.base), open)] : [folderOf(path)];
}

import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Checkpoint } from '../contract/checkpoint.ts';
import { sourceFiles } from '../recipes/sourceFiles.ts';

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

/** Every folder in which something is read for a checkpoint, links followed. */
export function sourceFolders(checkpoint: Checkpoint, open: (path: string) => Checkpoint): string[] {
  // Those that a recipe will make need not be there yet.
  const files = [...sourceFiles(checkpoint).keys()].filter((file) => existsSync(file));
  const folders = files.flatMap((file) => [dirname(file), dirname(realpathSync(file))]);
  return [...new Set([...companionFolders(checkpoint, open), ...folders])];
}

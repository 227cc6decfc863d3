import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Checkpoint } from '../contract/checkpoint.ts';
import { companionFolders } from '../recipes/companionFolders.ts';
import { sourceFiles } from '../recipes/sourceFiles.ts';

/** Every folder in which something is read for a checkpoint, links followed. */
export function sourceFolders(checkpoint: Checkpoint, open: (path: string) => Checkpoint): string[] {
  // Those that a recipe will make need not be there yet.
  const files = [...sourceFiles(checkpoint).keys()].filter((file) => existsSync(file));
  const folders = files.flatMap((file) => [dirname(file), dirname(realpathSync(file))]);
  return [...new Set([...companionFolders(checkpoint, open), ...folders])];
}

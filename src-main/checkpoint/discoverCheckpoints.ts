import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkpointRoots } from './checkpointRoots.ts';
import { CheckpointWalk, type Discovery } from './CheckpointWalk.ts';

/**
 * Checkpoints in and below folders, in natural order of their paths, with the reason for each folder that looks like a
 * checkpoint and is none. Without roots, the folders in which models are downloaded, as far as they exist. Symbolic links
 * are followed once; hidden folders, and more than 8 levels, are not.
 */
export function discoverCheckpoints(roots?: readonly string[]): Discovery {
  const walk = new CheckpointWalk();
  for (const root of roots ?? checkpointRoots().filter((each) => existsSync(each)))
    Array.from(walk.search(resolve(root)));
  return walk.result;
}

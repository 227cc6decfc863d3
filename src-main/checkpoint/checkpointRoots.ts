import { homedir } from 'node:os';
import { join } from 'node:path';
import { huggingFaceCache } from './huggingFaceCache.ts';

/**
 * Folders in which programs keep the models that they download, whether they exist or not: the Hugging Face cache, and
 * those of LM Studio, new and old.
 */
export function checkpointRoots(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  home: string = homedir(),
): string[] {
  return [
    huggingFaceCache(environment, home),
    join(home, '.lmstudio', 'models'),
    join(home, '.cache', 'lm-studio', 'models'),
  ];
}

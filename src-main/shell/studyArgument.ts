import { existsSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

/**
 * The study folder that a command line names, given the words after the program; null when it names none. Switches are passed over:
 * Chromium adds its own when a second start is handed to the first.
 */
export function studyArgument(words: readonly string[], folder: string): string | null {
  for (const word of words) {
    if (word.startsWith('-')) continue;
    const path = resolve(folder, word);
    const study = path.endsWith(`${sep}study.json`) ? path.slice(0, -'/study.json'.length) : path;
    if (existsSync(join(study, 'study.json'))) return study;
  }
  return null;
}

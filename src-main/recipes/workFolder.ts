import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** What decides where the work folder lies; an argument so that every platform can be tested on one. */
export interface WorkPlace {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

const thisUser = (): WorkPlace => ({ platform: process.platform, env: process.env, home: homedir() });

/** Relative paths in these variables are to be ignored, says XDG. */
const absoluteOr = (value: string | undefined, fallback: string): string =>
  value !== undefined && isAbsolute(value) ? value : fallback;

function cacheFolder({ platform, env, home }: WorkPlace): string {
  if (platform === 'darwin') return join(home, 'Library', 'Caches');
  if (platform === 'win32') return absoluteOr(env['LOCALAPPDATA'], join(home, 'AppData', 'Local'));
  return absoluteOr(env['XDG_CACHE_HOME'], join(home, '.cache'));
}

/** Folder of what can be computed again: made tensors, content hashes, converted models. POLARIMETER_WORK wins. */
export function workFolder(place: WorkPlace = thisUser()): string {
  return absoluteOr(place.env['POLARIMETER_WORK'], join(cacheFolder(place), 'polarimeter', 'work'));
}

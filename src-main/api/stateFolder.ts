import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** What decides where per-user files lie; an argument so that every platform can be tested on one. */
export interface UserPlace {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

const thisUser = (): UserPlace => ({ platform: process.platform, env: process.env, home: homedir() });

/** XDG says that a relative path in these variables is to be ignored. */
function absoluteOr(value: string | undefined, fallback: string): string {
  return value !== undefined && isAbsolute(value) ? value : fallback;
}

function applicationFolder({ platform, env, home }: UserPlace): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Polarimeter');
  return join(absoluteOr(env['LOCALAPPDATA'], join(home, 'AppData', 'Local')), 'Polarimeter');
}

/** Folder of the recent list: XDG state, Application Support or AppData; POLARIMETER_STATE wins. */
export function stateFolder(place: UserPlace = thisUser()): string {
  const override = place.env['POLARIMETER_STATE'];
  if (override !== undefined && isAbsolute(override)) return override;
  if (place.platform === 'darwin' || place.platform === 'win32') return applicationFolder(place);
  return join(absoluteOr(place.env['XDG_STATE_HOME'], join(place.home, '.local', 'state')), 'polarimeter');
}

/** Folder of studies that were made without naming one. They hold results, so on Linux they are data, not state. */
export function studiesFolder(place: UserPlace = thisUser()): string {
  const override = place.env['POLARIMETER_STATE'];
  if (override !== undefined && isAbsolute(override)) return join(override, 'studies');
  if (place.platform === 'darwin' || place.platform === 'win32')
    return join(applicationFolder(place), 'studies');
  const data = absoluteOr(place.env['XDG_DATA_HOME'], join(place.home, '.local', 'share'));
  return join(data, 'polarimeter', 'studies');
}

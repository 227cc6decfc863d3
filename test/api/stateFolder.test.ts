import { describe, expect, it } from 'vitest';
import { stateFolder, studiesFolder, type UserPlace } from '../../src-main/api/stateFolder.ts';

const linux = (env: UserPlace['env'] = {}): UserPlace => ({ platform: 'linux', env, home: '/home/ada' });

describe('where per-user files lie', () => {
  it.each([
    [linux(), '/home/ada/.local/state/polarimeter', '/home/ada/.local/share/polarimeter/studies'],
    [linux({ XDG_STATE_HOME: '/s', XDG_DATA_HOME: '/d' }), '/s/polarimeter', '/d/polarimeter/studies'],
    [
      linux({ XDG_STATE_HOME: 'relative', XDG_DATA_HOME: '' }),
      '/home/ada/.local/state/polarimeter',
      '/home/ada/.local/share/polarimeter/studies',
    ],
    [linux({ POLARIMETER_STATE: '/mine' }), '/mine', '/mine/studies'],
    [
      { platform: 'darwin', env: {}, home: '/Users/ada' } as const,
      '/Users/ada/Library/Application Support/Polarimeter',
      '/Users/ada/Library/Application Support/Polarimeter/studies',
    ],
    [
      { platform: 'win32', env: { LOCALAPPDATA: '/c/local' }, home: '/c/ada' } as const,
      '/c/local/Polarimeter',
      '/c/local/Polarimeter/studies',
    ],
  ])('%o', (place, state, studies) => {
    expect([stateFolder(place), studiesFolder(place)]).toEqual([state, studies]);
  });
});

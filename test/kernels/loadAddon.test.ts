import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import { addonCandidates, loadAddon } from '../../src-main/kernels/loadAddon.ts';
import { RAW_FUNCTIONS } from '../../src-main/kernels/rawFunctions.ts';
import { temporaryFolder } from './tensorFile.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

function failure(places: Parameters<typeof loadAddon>[0]): PolarimeterError {
  try {
    loadAddon(places);
  } catch (error) {
    if (error instanceof PolarimeterError) return error;
    throw error;
  }
  throw new Error('it should have failed');
}

describe('loading the addon', () => {
  it('looks at the build first, then at the packaged resources', () => {
    const places = { override: '', root: '/checkout', resources: '/app/resources' };
    expect(addonCandidates(places)).toEqual([
      '/checkout/build/native/polarimeter.node',
      '/app/resources/native/polarimeter.node',
    ]);
  });

  it('obeys POLARIMETER_ADDON and then looks nowhere else', () => {
    expect(addonCandidates({ override: '/mine.node', root: '/checkout', resources: '/app' })).toEqual([
      '/mine.node',
    ]);
  });

  it('finds the packaged addon where the build is missing', () => {
    const [built] = addonCandidates();
    mkdirSync(join(folder.path, 'native'));
    copyFileSync(built ?? '', join(folder.path, 'native', 'polarimeter.node'));
    const addon = loadAddon({ override: '', root: '/nowhere', resources: folder.path });
    expect(addon.capabilities().threads).toBeGreaterThan(0);
  });

  it('lists every place that was tried, why it failed, and what helps', () => {
    const damaged = join(folder.path, 'native', 'polarimeter.node');
    mkdirSync(join(folder.path, 'native'));
    writeFileSync(damaged, 'this is no library');
    const error = failure({ override: '', root: '/nowhere', resources: folder.path, platform: 'linux' });
    expect(error).toMatchObject({ code: 'engine-missing', where: '/nowhere/build/native/polarimeter.node' });
    expect(error.message).toContain('/nowhere/build/native/polarimeter.node: not there');
    expect(error.message).toContain(`${damaged}: `);
    expect(error.message).toContain('what helps:\n  - ');
    expect(error.message).toContain('npm run setup');
    expect(error.message).toContain('apt-get install');
  });

  it('names remedies of the platform', () => {
    const remedies = (platform: string) => failure({ override: '/nowhere.node', platform }).message;
    expect(remedies('darwin')).toContain('xcode-select');
    expect(remedies('win32')).toContain('no native core for win32');
  });

  it('tells an addon of another version', () => {
    const old = join(folder.path, 'old.cjs');
    const missing = RAW_FUNCTIONS.at(-1) ?? '';
    const present = RAW_FUNCTIONS.slice(0, -1).map((name) => `${name}() {}`);
    writeFileSync(old, `module.exports = { ${present.join(', ')} };`);
    const { message } = failure({ override: old });
    expect(message).toContain(`of another version: ${missing} missing`);
  });

  it('has exactly the functions that are declared', () => {
    expect(Object.keys(loadAddon()).sort()).toEqual([...RAW_FUNCTIONS].sort());
  });
});

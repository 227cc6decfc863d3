import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accessing, systemCode } from '../../src-main/checkpoint/fileErrors.ts';
import { openCheckpoint } from '../../src-main/checkpoint/openCheckpoint.ts';
import { caught } from '../fixtures/caught.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { zeros } from '../fixtures/modelLayouts.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const root = tempFolder();
const failing = (code: string) => () => {
  throw Object.assign(new Error(code), { code });
};

describe('accessing', () => {
  it.each([
    ['ENOENT', 'path-not-found'],
    ['ENOTDIR', 'path-not-found'],
    ['EACCES', 'path-not-readable'],
    ['EPERM', 'path-not-readable'],
    ['ELOOP', 'directory-loop'],
    ['EMFILE', 'file-open'],
    ['EIO', 'read-failed'],
    ['ESTALE', 'read-failed'],
  ])('turns %s into %s', (code, expected) => {
    const error = caught(() => accessing('/some/path', failing(code)));
    expect(error.code).toBe(expected);
    expect(error.where).toBe('/some/path');
    expect(error.message).toContain('"/some/path"');
  });

  it('lets bugs through', () => {
    expect(() => accessing('/x', () => (null as unknown as string).length)).toThrow(TypeError);
    expect(systemCode(new Error('x'))).toBeNull();
  });
});

// Root may read everything, so the test becomes someone else for as long as it takes.
describe.skipIf(process.platform === 'win32')('a folder that may not be read', () => {
  const asOther = <T>(action: () => T): T => {
    if (process.getuid?.() !== 0) return action();
    process.seteuid?.(65534);
    try {
      return action();
    } finally {
      process.seteuid?.(0);
    }
  };

  it('is named as such, and so is a file', () => {
    chmodSync(root, 0o755);
    mkdirSync(join(root, 'locked'), { mode: 0o000 });
    expect(asOther(() => caught(() => openCheckpoint(join(root, 'locked'))).code)).toBe('path-not-readable');
    const folder = writeCheckpoint(join(root, 'file'), { tensors: [zeros('a', [2])] });
    chmodSync(join(folder, 'model.safetensors'), 0o000);
    const error = asOther(() => caught(() => openCheckpoint(folder)));
    expect(error.code).toBe('path-not-readable');
    expect(error.where).toBe(join(folder, 'model.safetensors'));
  });
});

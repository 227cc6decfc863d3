import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findAdapterBase } from '../../../src-main/checkpoint/adapter/findAdapterBase.ts';
import { parseAdapterConfig } from '../../../src-main/checkpoint/adapter/parseAdapterConfig.ts';
import { tempFolder } from '../../fixtures/tempFolder.ts';

const root = tempFolder();
const cache = join(root, 'hub');
const adapter = join(root, 'runs', 'adapter');
const folder = (...path: string[]): string => {
  const full = join(root, ...path);
  mkdirSync(full, { recursive: true });
  return full;
};
const repository = (...path: string[]): string => folder('hub', 'models--org--base', ...path);
const COMMITS = ['1111111111', '2222222222', '3333333333'] as const;

folder('runs', 'adapter');
for (const [i, commit] of COMMITS.entries()) utimesSync(repository('snapshots', commit), 1000 + i, 1000 + i);

function find(base: string | null, revision: string | null = null): string | null {
  const config = { peft_type: 'LORA', r: 1, lora_alpha: 1, base_model_name_or_path: base, revision };
  return findAdapterBase(parseAdapterConfig(JSON.stringify(config), 'adapter_config.json'), adapter, cache);
}

function ref(name: string, commit: string): void {
  const path = join(cache, 'models--org--base', 'refs', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, commit);
}

describe('findAdapterBase', () => {
  it('takes a folder of that name: absolute, in the folder of the adapter, or beside it', () => {
    const absolute = folder('models', 'base');
    expect(find(absolute)).toBe(absolute);
    const beside = folder('runs', 'sft');
    expect([find('sft'), find('../sft')]).toEqual([beside, beside]);
    const inside = folder('runs', 'adapter', 'sft');
    expect(find('sft')).toBe(inside);
    expect([find('.'), find('adapter'), find(join(root, 'nowhere'))]).toEqual([
      join(root, 'runs'),
      null,
      null,
    ]);
  });

  it('takes the newest snapshot of a repository, or the one of refs/main', () => {
    const snapshots = repository('snapshots');
    expect(find('org/base')).toBe(join(snapshots, COMMITS[2]));
    ref('main', COMMITS[0]);
    expect(find('org/base')).toBe(join(snapshots, COMMITS[0]));
    ref('main', '4444444444');
    expect(find('org/base')).toBe(join(snapshots, COMMITS[2]));
  });

  it('respects the revision, and takes no other', () => {
    const snapshots = repository('snapshots');
    ref('v2', `${COMMITS[1]}\n`);
    ref('refs/pr/1', COMMITS[1]);
    expect(find('org/base', 'v2')).toBe(join(snapshots, COMMITS[1]));
    expect(find('org/base', 'refs/pr/1')).toBe(join(snapshots, COMMITS[1]));
    expect(find('org/base', COMMITS[0])).toBe(join(snapshots, COMMITS[0]));
    expect(find('org/base', 'v3')).toBeNull();
  });

  it('finds nothing for names that are none, and leaves the cache for nothing', () => {
    ref('evil', '../../../runs');
    for (const name of [null, 'org/other', 'a/b/c', '../huub', 'a..b/c', 'a\0b', '', ' ', 'x'.repeat(4000)])
      expect(find(name), String(name)).toBeNull();
    for (const revision of ['evil', '../snapshots/1111111111', '..', '/etc', 'a\0b', '1111111111/..'])
      expect(find('org/base', revision), revision).toBeNull();
  });
});

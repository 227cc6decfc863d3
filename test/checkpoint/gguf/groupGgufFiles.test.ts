import { describe, expect, it } from 'vitest';
import { groupGgufFiles } from '../../../src-main/checkpoint/gguf/groupGgufFiles.ts';

describe('GGUF files by their names', () => {
  it('puts the files of one model together, in their order', () => {
    const names = ['m-00003-of-00003.gguf', 'm-00001-of-00003.gguf', 'README.md', 'm-00002-of-00003.gguf'];
    expect(groupGgufFiles(names)).toEqual([
      {
        prefix: 'm',
        total: 3,
        names: ['m-00001-of-00003.gguf', 'm-00002-of-00003.gguf', 'm-00003-of-00003.gguf'],
        missing: [],
      },
    ]);
  });

  it('names what is missing, a hundred numbers at most', () => {
    expect(groupGgufFiles(['m-00002-of-00003.gguf'])[0]?.missing).toEqual([1, 3]);
    expect(groupGgufFiles(['m-00001-of-99999.gguf'])[0]?.missing).toHaveLength(100);
  });

  it('keeps models apart by name and by number of files', () => {
    const names = ['b.gguf', 'a-00001-of-00001.gguf', 'a-00001-of-00002.gguf', 'a-00001-of-2.gguf', 'A.GGUF'];
    const groups = groupGgufFiles(names).map(({ prefix, total }) => `${prefix} ${String(total)}`);
    expect(groups).toEqual(['A 1', 'a 1', 'a 2', 'a-00001-of-2 1', 'b 1']);
  });

  it('does not confuse a name that looks like a group of another', () => {
    const groups = groupGgufFiles(['m/00002', 'm-00001-of-00002.gguf', 'm.gguf']);
    expect(groups.map(({ prefix, total }) => [prefix, total])).toEqual([
      ['m', 1],
      ['m', 2],
    ]);
  });
});

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseVariants, type VariantOptions } from '../../src-main/cli/parseVariants.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polarimeter-variants-'));
  mkdirSync(join(folder, 'runs', 'lr=1e-5'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

const parse = (options: VariantOptions) => parseVariants(options, folder);
const labels = (options: VariantOptions) =>
  parse(options).map(({ label, role, from }) => [label, role, from]);

describe('parseVariants', () => {
  it('names single variants by their role and several by number', () => {
    expect(labels({ sft: ['a'], rl: ['b'] })).toEqual([
      ['sft', 'sft', 'base'],
      ['rl', 'rl', 'base'],
    ]);
    expect(labels({ rl: ['a', 'seed=b', 'c'] }).map(([label]) => label)).toEqual(['rl-1', 'seed', 'rl-2']);
  });

  it('makes paths absolute', () => {
    expect(parse({ sft: ['x=sub/sft'] })[0]).toMatchObject({ label: 'x', path: join(folder, 'sub', 'sft') });
  });

  it('never splits a path that exists or cannot start with a label', () => {
    expect(parse({ rl: ['runs/lr=1e-5'] })[0]).toMatchObject({
      label: 'rl',
      path: join(folder, 'runs', 'lr=1e-5'),
    });
    expect(parse({ rl: ['./lr=3e-5'] })[0]).toMatchObject({ label: 'rl', path: join(folder, 'lr=3e-5') });
  });

  it('takes parents from --from', () => {
    expect(labels({ sft: ['a'], rl: ['b'], from: ['rl=sft'] })[1]).toEqual(['rl', 'rl', 'sft']);
    expect(labels({ sft: ['a'], from: ['sft=base'] })[0]).toEqual(['sft', 'sft', 'base']);
  });

  it.each<[VariantOptions, RegExp]>([
    [{ other: ['path'] }, /--other needs a label/],
    [{ sft: ['base=a'] }, /"base" is taken/],
    [{ sft: ['x=a'], rl: ['x=b'] }, /two variants are called "x"/],
    [{ sft: ['a'], rl: ['b'], from: ['rl=stf'] }, /no variant is called "stf"; did you mean sft\?/],
    [{ sft: ['a'], from: ['rl=sft'] }, /no variant is called "rl"/],
    [{ sft: ['a'], from: ['rl'] }, /--from takes LABEL=PARENT/],
    [{ rl: ['a'], from: ['rl=base', 'rl=base'] }, /names "rl" twice/],
    [{ sft: ['a'], rl: ['b'], from: ['rl=sft', 'sft=rl'] }, /circle/],
    [{ rl: ['a'], from: ['rl=rl'] }, /circle/],
    [{ rl: ['bad*label=a'] }, /cannot be a label/],
    [{ rl: ['label='] }, /is empty/],
  ])('refuses %j', (options, message) => {
    expect(() => parse(options)).toThrow(message);
    expect(() => parse(options)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

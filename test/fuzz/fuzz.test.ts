import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { Corpus } from './Corpus.ts';
import { fuzzProcess } from './fuzzProcess.ts';
import { FuzzRunner } from './FuzzRunner.ts';
import type { FuzzTarget } from './fuzzTargets.ts';
import { FUZZ_TARGETS } from './fuzzTargets.ts';
import { mutate } from './mutate.ts';
import { RandomSource } from './RandomSource.ts';

const SECONDS = 3;
const LARGEST_CORPUS = 300_000;
const folder = tempFolder();

describe.each(FUZZ_TARGETS)('$name', (target) => {
  it('takes or refuses every kept input in words', () => {
    const runner = new FuzzRunner(target, folder);
    for (const input of [...target.seeds(), ...new Corpus(target.name).read()])
      expect(runner.run(input)).toBeNull();
  });

  it(`survives ${String(SECONDS)} seconds of guided changes`, async () => {
    const report = await fuzzProcess(target.name, { seconds: SECONDS, seed: 1, keep: false });
    expect(report.failures).toEqual([]);
    expect(report.runs).toBeGreaterThan(0);
  }, 120_000);
});

describe('the corpus', () => {
  const root = join(import.meta.dirname, 'corpus');

  it('is small, and every folder of it has a parser', () => {
    const names = FUZZ_TARGETS.map(({ name }) => name);
    expect(readdirSync(root).filter((name) => !names.includes(name))).toEqual([]);
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
    const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
    expect(bytes).toBeLessThan(LARGEST_CORPUS);
  });
});

describe('the search itself', () => {
  const faulty = (parse: (path: string) => unknown): FuzzRunner => {
    const target: FuzzTarget = { name: 'x', file: 'x', parse, seeds: () => [], tokens: [] };
    return new FuzzRunner(target, folder);
  };

  it('finds an error that is none for the user', () => {
    const runner = faulty(() => {
      throw new RangeError('out of range');
    });
    expect(runner.run(Buffer.from('a'))).toContain('out of range');
  });

  it('finds a run that takes too long', () => {
    const runner = faulty(() => {
      const end = process.cpuUsage().user + 2.5e6;
      while (process.cpuUsage().user < end);
    });
    expect(runner.run(Buffer.from('a'))).toContain('s of processor time');
  });

  it('finds a run that takes too much memory', () => {
    const held: Uint8Array[] = [];
    const runner = faulty(() => held.push(new Uint8Array(500 * 2 ** 20).fill(1)));
    expect(runner.run(Buffer.from('a'))).toContain('MiB');
  });

  it('finds tensors outside their file, of a wrong size, or of one name', () => {
    const tensor = { name: 'a', dtype: 'F32', shape: [2], file: 'x', offset: 0, bytes: 8 };
    const judge = (...tensors: object[]): string | null =>
      faulty(() => ({ tensors, size: 8 })).run(Buffer.from('a'));
    expect(judge(tensor)).toBeNull();
    expect(judge({ ...tensor, offset: 1 })).toContain('ends behind the file');
    expect(judge({ ...tensor, shape: [1] })).toContain('8 bytes for 1 elements');
    expect(judge({ ...tensor, shape: [1], bytes: 4 }, { ...tensor, shape: [1], bytes: 4 })).toContain(
      'two tensors',
    );
  });

  it('changes an input the same way for the same seed, and differently for another', () => {
    const seed = Buffer.from('{"shape":[2,3]}');
    const changed = (from: number): string[] => {
      const random = new RandomSource(from);
      return Array.from({ length: 50 }, () =>
        mutate(seed, { random, others: [seed], tokens: ['x'] }).toString('hex'),
      );
    };
    expect(changed(1)).toEqual(changed(1));
    expect(changed(1)).not.toEqual(changed(2));
    expect(new Set(changed(1)).size).toBeGreaterThan(40);
  });
});

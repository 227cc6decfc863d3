import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { ConsensusDocument } from '../../src-main/contract/rows.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { type Outcome, runCommand } from './runCommand.ts';

const folder = tempFolder();
const run = (...argv: string[]): Promise<Outcome> => runCommand(folder, ...argv);

const SIDE = 20;
const WEIGHTS = SIDE * SIDE;

/** Two layers of a module each; in layer 0 every `first`th weight is moved, in layer 1 every `second`th. */
function model(name: string, first: number, second: number): void {
  const tensors = [
    { name: 'model.layers.0.self_attn.q_proj.weight', every: first },
    { name: 'model.layers.1.mlp.down_proj.weight', every: second },
  ].map((planted) => ({
    name: planted.name,
    dtype: 'BF16',
    shape: [SIDE, SIDE],
    data: Array.from({ length: WEIGHTS }, (_, i) => (1 + (i % 7)) * ((i + 1) % planted.every === 0 ? 2 : 1)),
  }));
  writeCheckpoint(join(folder, name), { tensors });
}

beforeAll(async () => {
  model('base', Infinity, Infinity);
  model('one', 2, 4);
  model('two', 4, 5);
  const { code, stderr } = await run(
    ...['compare', 'base', '--rl', 'one=one', '--rl', 'two=two', '--out', 'study', '--json'],
  );
  expect([code, stderr.includes('error')]).toEqual([0, false]);
});

it('counts weights by the number of runs that changed them, beside independent runs', async () => {
  const { code, stdout } = await run('study', 'consensus', 'study', '--layers', '0', '--json');
  expect(code).toBe(0);
  const { sets } = ConsensusDocument.parse(JSON.parse(stdout));
  // Every weight that run two changed (a quarter), run one changed as well (a half).
  expect(sets).toMatchObject([{ role: 'rl', reference: 'base', runs: ['one', 'two'], tensors: 1 }]);
  expect(sets[0]?.counts).toEqual([WEIGHTS / 2, WEIGHTS / 4, WEIGHTS / 4]);
  expect(sets[0]?.expected?.map((count) => count / WEIGHTS)).toEqual([0.375, 0.5, 0.125]);
});

it('prints a line per number of runs', async () => {
  const { code, stdout } = await run('study', 'consensus', 'study', '--modules', 'q_proj');
  expect(code).toBe(0);
  expect(stdout).toContain('rl from base, 2 runs: one, two; 1 tensor\n');
  const lines = stdout.split('\n').filter((line) => / of 2 /.test(line));
  expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['0 of 2', '200', '50.0 %', '37.5 %', '1.33'],
    ['1 of 2', '100', '25.0 %', '50.0 %', '0.500'],
    ['2 of 2', '100', '25.0 %', '12.5 %', '2'],
  ]);
});

it('names the nearest of a module that is misspelled, and says where there are no two runs', async () => {
  const misspelled = await run('study', 'consensus', 'study', '--modules', 'q_prj');
  expect(misspelled).toMatchObject({ code: 2, stdout: '' });
  expect(misspelled.stderr).toContain('did you mean q_proj?');
  await run('compare', 'base', '--rl', 'one=one', '--out', 'single', '--json');
  const single = await run('study', 'consensus', 'single');
  expect(single.code).toBe(0);
  expect(single.stdout).toContain('No two runs of one role start from the same reference');
});

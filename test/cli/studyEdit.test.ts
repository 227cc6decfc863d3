import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { EditedDocument } from '../../src-main/cli/documents.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { runCommand } from './runCommand.ts';
import { tinyModel } from './tinyModels.ts';

const folder = tempFolder();
const run = (...argv: string[]): ReturnType<typeof runCommand> => runCommand(folder, ...argv);

beforeEach(async () => {
  tinyModel(folder, 'base');
  for (const [seed, name] of ['a', 'b', 'grpo-2'].entries())
    tinyModel(folder, name, { change: 0.01, seed: seed + 2 });
  const out = join(folder, 'study');
  if (existsSync(out)) await run('study', 'edit', out, '--name', 'reset');
  else await run('compare', 'base', '--sft', 'a=a', '--rl', 'b=b', '--out', 'study', '--k', '4', '--brief');
});

it('changes labels, roles, references and variants in one go, and keeps the results', async () => {
  const before = await run('study', 'show', 'study', '--csv');
  const args = [
    '--rename',
    'b=grpo',
    '--role',
    'a=other',
    '--from',
    'b=a',
    '--add',
    'new=grpo-2',
    '--notes',
    'one',
  ];
  const { code, stdout, stderr } = await run('study', 'edit', 'study', '--name', 'mine', ...args, '--json');
  expect([code, stderr]).toEqual([0, '']);
  const { study } = EditedDocument.parse(JSON.parse(stdout));
  expect([study.name, study.notes]).toEqual(['mine', ['one']]);
  expect(study.variants.map(({ label, role, from }) => `${label} ${role} < ${from}`)).toEqual([
    'a other < base',
    'grpo rl < a',
    'new rl < base',
  ]);
  const back = [
    '--remove',
    'new',
    '--rename',
    'grpo=b',
    '--role',
    'a=sft',
    '--from',
    'grpo=base',
    '--notes',
    '',
  ];
  const printed = await run('study', 'edit', 'study', ...back);
  expect(printed.stdout).toContain(`  b (rl, compared with base): ${join(folder, 'b')}\n`);
  expect((await run('study', 'show', 'study', '--csv')).stdout).toBe(before.stdout);
  expect(existsSync(join(folder, 'grpo-2', 'model.safetensors'))).toBe(true);
});

it.each([
  [[], 'there is nothing to change'],
  [['--role', 'a=teacher'], '"teacher" is no role'],
  [['--role', 'aa=rl'], 'no variant is called "aa"'],
  [['--rename', 'a'], '--rename takes LABEL=NEW'],
  [['--rename', 'a=/x'], 'cannot be a label'],
  [['--rename', 'a=b'], 'the label "b" is used twice'],
  [['--from', 'a=b', '--from', 'a=base'], '--from names "a" twice'],
  [['--from', 'a=b', '--from', 'b=a'], 'in a circle'],
  [['--add', 'c=nowhere'], 'does not exist'],
  [['--add', '?=grpo-2'], 'a label has'],
  [['--remove', 'a', '--remove', 'b'], 'leaves no variant'],
])('%j is refused: %s', async (args, words) => {
  const { code, stderr } = await run('study', 'edit', 'study', ...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
});

import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ErrorDocument } from '../../src-main/cli/documents.ts';
import { claimsText } from '../../src-main/cli/claimsText.ts';
import { readClaims } from '../../src-main/claims/readClaims.ts';
import { CONFLICTS } from '../../src-main/claims/conflicts.ts';
import { ClaimsDocument } from '../../src-main/contract/claim.ts';
import { syntheticRows } from '../claims/syntheticRows.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { type Outcome, runCommand } from './runCommand.ts';
import { tinyModel } from './tinyModels.ts';

const folder = tempFolder();
const run = (...argv: string[]): Promise<Outcome> => runCommand(folder, ...argv);

beforeAll(async () => {
  tinyModel(folder, 'base');
  tinyModel(folder, 'sft', { change: 0.1, seed: 2 });
  tinyModel(folder, 'rl', { change: 0.01, seed: 3 });
  await run('compare', 'base', '--sft', 'sft', '--rl', 'rl', '--out', 'study', '--brief');
});

describe('claims', () => {
  it('prints one document as JSON', async () => {
    const { code, stdout } = await run('claims', 'study', '--json');
    expect(code).toBe(0);
    const { readings } = ClaimsDocument.parse(JSON.parse(stdout));
    expect(readings.find(({ claim }) => claim.id === 'sft-moves-further')).toMatchObject({
      verdict: 'supported',
    });
  });

  it('prints verdicts, numbers and sources within the width', async () => {
    const { code, stdout, stderr } = await run('claims', 'study');
    expect([code, stderr]).toEqual([0, '']);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(stdout).toMatch(
      /\n {2}SUPPORTED: SFT moves the weights much further than RL \[\d+\]\n {2}Mean norm per matrix/,
    );
    expect(stdout).toMatch(/\n {2}NEEDS A TRAJECTORY: Extrapolation fails off mathematics \[\d+\]\n/);
    expect(stdout).toMatch(/\n\[\d+\] arXiv 2510\.00553, Tables 7, 8\n/);
  });

  it('prints only the verdicts that are asked for', async () => {
    const { stdout } = await run('claims', 'study', '--verdict', 'supported,open', '--json');
    const { readings } = ClaimsDocument.parse(JSON.parse(stdout));
    expect([...new Set(readings.map(({ verdict }) => verdict))].sort()).toEqual(['open', 'supported']);
  });

  it('refuses a verdict that does not exist, and a folder that is no study', async () => {
    const wrong = await run('claims', 'study', '--verdict', 'true', '--json');
    expect(wrong.code).toBe(2);
    expect(wrong.stdout + wrong.stderr).toContain('no verdict');
    const nowhere = await run('claims', join(folder, 'base'), '--json');
    expect(nowhere.code).toBe(2);
    expect(ErrorDocument.parse(JSON.parse(nowhere.stdout)).error.code).toBe('study-not-found');
  });

  it('writes control characters of a label out, and says so when nothing is left', () => {
    const { rows, variants } = syntheticRows([
      { label: 'rl', role: 'rl', values: { 'rank.numerical': 0.999 } },
    ]);
    const document = {
      schema: 'polarimeter.claims/1' as const,
      study: 'one\u001b[2Jtwo',
      conflicts: [...CONFLICTS],
      readings: readClaims(rows, variants),
    };
    const text = claimsText(document, { columns: 60, colour: false });
    expect(text).toContain('one\\x1b[2Jtwo: published claims');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(claimsText({ ...document, readings: [] }, { columns: 60, colour: false })).toContain('no claim');
  });
});

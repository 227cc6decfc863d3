import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ErrorDocument } from '../../src-main/cli/documents.ts';
import { FunctionChangeDocument } from '../../src-main/cli/recipeDocuments.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { runCommand } from './runCommand.ts';

const DEMO = fileURLToPath(new URL('../../resources/demo', import.meta.url));
const folder = tempFolder();
const at = (name: string): string => join(folder, name);
const run = (...argv: string[]) => runCommand(folder, 'recipe', 'verify', ...argv, '--threads', '1');

const verified = async (...argv: string[]): Promise<FunctionChangeDocument> =>
  FunctionChangeDocument.parse(JSON.parse((await run(...argv, '--json')).stdout));

const errorOf = async (...argv: string[]) =>
  ErrorDocument.parse(JSON.parse((await run(...argv, '--json')).stdout)).error;

function writeRecipe(name: string, edit: unknown): void {
  const inputs = { sft: { path: join(DEMO, 'sft/checkpoint-240') }, base: { path: join(DEMO, 'base') } };
  const recipe = { schema: 'polarimeter.recipe/1', name, target: 'sft', inputs, edits: [edit] };
  writeFileSync(at(`${name}.yaml`), JSON.stringify(recipe));
}

beforeAll(() => {
  vi.stubEnv('POLARIMETER_WORK', at('work'));
  writeRecipe('rotated', { edit: 'rotate-heads', rotation: 'haar' });
  writeRecipe('permuted', { edit: 'permute-heads' });
  writeRecipe('half', { edit: 'interpolate', to: 'base', amount: 0.5 });
  writeRecipe('same', { edit: 'take', from: 'sft' });
  writeFileSync(at('text.txt'), '6 K J 7;JQK=10;24=10*(10-7)-6\n\n  \n\nJ 10 5 2;JQK=10;24=\n');
  writeFileSync(at('blank.txt'), ' \n\n');
  writeFileSync(at('long.txt'), '3 4 5 6 '.repeat(50));
});
afterAll(() => {
  vi.unstubAllEnvs();
});

describe('recipe verify', () => {
  it('of a rotation: the product of o_proj and v_proj stays, and rounding changes logits a little', async () => {
    const change = await verified('rotated.yaml', '--text', 'text.txt');
    expect(change).toMatchObject({ texts: 2, weights: 'stored', target: join(DEMO, 'sft/checkpoint-240') });
    expect(change.productError).toBeGreaterThan(0);
    expect(change.productError).toBeLessThanOrEqual(1e-12);
    expect(change.maxLogitChange).toBeGreaterThan(1e-4);
    expect(change.maxLogitChange).toBeLessThan(0.2);
    expect(change.meanKl).toBeGreaterThan(0);
    expect(change.meanKl).toBeLessThan(1e-3);
    // Weights moved far, and what they compute did not.
    expect(change.moved).toBeGreaterThan(10);
    expect(change.rounding).toBeLessThan(change.moved / 100);
  });

  it('of a permutation: nothing is rounded; only the order of float32 sums changes', async () => {
    const change = await verified('permuted.yaml', '--probe', join(DEMO, 'probes/id.jsonl'), '--limit', '4');
    expect([change.texts, change.rounding]).toEqual([4, 0]);
    expect(change.moved).toBeGreaterThan(10);
    expect(change.maxLogitChange).toBeLessThan(1e-4);
    expect(change.meanKl).toBeLessThan(1e-9);
  });

  it('of a recipe that changes nothing is exactly zero, and of one that does is not small', async () => {
    const same = await verified('same.yaml', '--text', 'text.txt');
    expect([same.maxLogitChange, same.meanKl, same.productError]).toEqual([0, 0, null]);
    const half = await verified('half.yaml', '--text', 'text.txt', '--weights', 'F32');
    expect(half.weights).toBe('F32');
    expect(half.maxLogitChange).toBeGreaterThan(0.5);
    expect(half.meanKl).toBeGreaterThan(1e-3);
  });

  it('says what was read in words', async () => {
    const { code, stdout } = await run('rotated.yaml', '--text', 'text.txt', '--limit', '1');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1 text, \d+ tokens, weights stored\n/);
    expect(stdout).toMatch(/o_proj v_proj, per head +\d\.\d+e-1\d /);
  });

  it.each([
    [['rotated.yaml'], 'usage', '--text FILE or --probe FILE'],
    [['rotated.yaml', '--text', 'text.txt', '--probe', 'text.txt'], 'usage', '--text FILE or --probe FILE'],
    [['rotated.yaml', '--text', 'blank.txt'], 'usage', 'holds no text'],
    [['rotated.yaml', '--text', 'absent.txt'], 'path-not-found', 'does not exist'],
    [['rotated.yaml', '--probe', 'text.txt'], 'probe-invalid', 'line 1'],
    // 264 tokens of the vocabulary in float64 after each of 60 tokens and more.
    [['same.yaml', '--text', 'text.txt', '--memory', '100KB'], 'memory-budget', 'predictions for 1 text fit'],
    [['rotated.yaml', '--text', 'long.txt'], 'context-too-short', 'the context of the model 128'],
    [['absent.yaml', '--text', 'text.txt'], 'path-not-found', 'does not exist'],
    [[join(DEMO, 'base'), '--text', 'text.txt'], 'usage', 'not a recipe'],
  ])('%j is refused', async (argv, code, words) => {
    expect(await errorOf(...argv)).toMatchObject({ code, message: expect.stringContaining(words) as string });
  });
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../../src-main/contract/rows.ts';
import { StudyFile } from '../../src-main/contract/study.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { Study } from '../../src-main/study/Study.ts';

const DEMO = resolve(import.meta.dirname, '../../resources/demo');
const folder = mkdtempSync(join(tmpdir(), 'demo-'));
const kernels = new Kernels({ threads: 2 });
let study: Study;

beforeAll(async () => {
  const file = StudyFile.parse(JSON.parse(readFileSync(join(DEMO, 'study.json'), 'utf8')));
  const place = <T extends { path: string }>(checkpoint: T): T => ({
    ...checkpoint,
    path: join(DEMO, checkpoint.path),
  });
  study = Study.create(folder, { ...file, base: place(file.base), variants: file.variants.map(place) });
  await study.run(kernels, { limits: { memoryBytes: 2 ** 30, threads: 2 } });
}, 60_000);
afterAll(() => {
  study[Symbol.dispose]();
  kernels[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

function overall(variant: string, measure: string): Row {
  const row = study.rows({ level: ['overall'], variant: [variant], measure: [measure] })[0];
  if (!row) throw new Error(`no ${measure} of ${variant}`);
  return row;
}

describe('the demo study', () => {
  // Measured by the program that trained these checkpoints (resources/demo/README.md), to the digits given there.
  it.each([
    ['sft', 'base', 3.3, 0.1121],
    ['rl-seed1', 'sft', 31.5, 0.0044],
    ['rl-seed2', 'sft', 31.6, 0.0043],
    ['rl-zero-seed1', 'base', 25.0, 0.006],
    ['rl-zero-seed2', 'base', 25.1, 0.006],
    ['rl-high-lr', 'sft', 20.5, 0.0074],
    ['sft-low-lr', 'base', 20.8, 0.0084],
  ])('%s from %s: %f %% unchanged, relative update %f', (variant, reference, unchanged, relative) => {
    const share = overall(variant, 'update.unchanged.bf16');
    expect(share.reference).toBe(reference);
    expect(Math.abs(100 * Number(share.value) - unchanged)).toBeLessThanOrEqual(0.05);
    expect(Math.abs(Number(overall(variant, 'update.relative-norm').value) - relative)).toBeLessThanOrEqual(
      0.00005,
    );
  });

  it('compares every parameter, tied embeddings once', () => {
    expect(overall('sft', 'alignment.compared').value).toBe(1);
    expect(study.alignments.get('sft')?.parametersCompared).toBe(1_122_944);
  });

  it('agrees with itself at every level: counts of modules and layers add up to the model', () => {
    const rows = study.rows({ variant: ['rl-seed1'], measure: ['update.norm'] });
    const squares = (level: Row['level']): number =>
      rows.filter((row) => row.level === level).reduce((sum, row) => sum + Number(row.value) ** 2, 0);
    expect(squares('tensor')).toBeCloseTo(squares('overall'), 12);
    expect(squares('module')).toBeCloseTo(squares('overall'), 12);
    expect(squares('layer')).toBeLessThan(squares('overall'));
  });

  it('spectral measures leave the embedding out, and say so', () => {
    const row = study
      .rows({ level: ['tensor'], variant: ['sft'], measure: ['spectrum.nss'] })
      .find(({ tensor }) => tensor === 'model.embed_tokens.weight');
    expect(row).toMatchObject({ value: null });
    expect(row?.reason).toContain('--spectral-embeddings');
    expect(overall('sft', 'spectrum.nss').tensors).toBe(42);
  });

  it('keeps curves of every matrix', () => {
    const curves = study
      .curves('model.layers.0.self_attn.k_proj.weight')
      .filter(({ variant }) => variant === 'sft');
    const lengths = Object.fromEntries(curves.map(({ name, values }) => [name, values.length]));
    expect(lengths).toEqual({
      'spectrum-reference': 64,
      'spectrum-variant': 64,
      'update-spectrum': 64,
      'angles-left': 32,
      'angles-right': 32,
      'angles-middle-left': 32,
      'angles-middle-right': 32,
      'angles-tail-left': 32,
      'angles-tail-right': 32,
      'row-changed': 64,
      'svf-z': 64,
      'column-changed': 128,
      'ulp-steps': 11,
    });
  });

  it('a second run computes nothing', async () => {
    const again = await study.run(kernels, { limits: { memoryBytes: 2 ** 30, threads: 1 } });
    expect(again).toMatchObject({ state: 'done', done: 56, cached: 56, flopsPerSecond: 0, bytesRead: 0 });
    expect(study.estimate(kernels, { memoryBytes: 2 ** 30, threads: 1 })).toMatchObject({
      tensors: 56,
      cached: 56,
      flops: 0,
    });
  });
});

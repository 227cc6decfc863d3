import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { demoProbes } from '../../src-main/api/demoStudy.ts';
import { StudyFile } from '../../src-main/contract/study.ts';
import { difficulty } from '../../src-main/probes/difficulty.ts';
import { readProbe } from '../../src-main/probes/readProbe.ts';
import { ROOT } from './readSources.ts';

const DEMO = join(ROOT, 'resources', 'demo');
const read = (name: string): string => readFileSync(join(DEMO, name), 'utf8');
const json = (name: string): unknown => JSON.parse(read(name));

const Provenance = z.object({
  files: z.record(z.string(), z.object({ bytes: z.number(), sha256: z.string() })),
});
const Accuracy = z.object({
  correct: z.number(),
  n: z.number(),
  accuracy: z.number(),
  wilson95: z.tuple([z.number(), z.number()]),
});
const Update = z.object({
  start: z.string(),
  end: z.string(),
  parameters: z.number(),
  changed: z.number(),
  sparsity_bf16: z.number(),
  relative_update_norm: z.number(),
});
const Results = z.object({
  n_parameters: z.number(),
  checkpoints: z.array(z.object({ checkpoint: z.string(), id: Accuracy, ood: Accuracy })),
  updates: z.array(Update),
});

const provenance = Provenance.parse(json('provenance.json'));
const results = Results.parse(json('results.json'));
const study = StudyFile.parse(json('study.json'));
const path = new Map([
  ['base', study.base.path],
  ...study.variants.map((one) => [one.label, one.path] as const),
]);

const filesOnDisk = readdirSync(DEMO, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(DEMO.length + 1)
      .replaceAll(sep, '/'),
  );

describe('the demo study', () => {
  it('holds the files whose checksums are recorded, unchanged, and no others', () => {
    const described = ['README.md', 'provenance.json', 'study.json'];
    expect(filesOnDisk.filter((file) => !described.includes(file)).sort()).toEqual(
      Object.keys(provenance.files).sort(),
    );
    for (const [file, { bytes, sha256 }] of Object.entries(provenance.files)) {
      const content = readFileSync(join(DEMO, file));
      const found = createHash('sha256').update(content).digest('hex');
      expect([file, content.length, found]).toEqual([file, bytes, sha256]);
    }
  });

  it('is smaller than 30 MB', () => {
    const total = filesOnDisk.reduce((sum, file) => sum + statSync(join(DEMO, file)).size, 0);
    expect(total).toBeLessThan(30e6);
  });

  it('names checkpoints that are there, each trained from another of the study', () => {
    for (const [label, folder] of path) {
      expect([label, existsSync(join(DEMO, folder, 'model.safetensors'))]).toEqual([label, true]);
    }
    const labels = ['base', ...study.variants.map((variant) => variant.label)];
    expect(new Set(labels).size).toBe(labels.length);
    for (const variant of study.variants) expect(labels).toContain(variant.from);
    expect([...path.values()].sort()).toEqual(results.checkpoints.map((one) => one.checkpoint).sort());
  });

  it('records an update for every variant, from what the study compares it with', () => {
    const recorded = results.updates.map((update) => `${update.start} -> ${update.end}`);
    const compared = study.variants.map((variant) => `${path.get(variant.from)!} -> ${variant.path}`);
    expect(recorded.sort()).toEqual(compared.sort());
  });
});

describe('the probes of the demo study', () => {
  const faces = ['A', '2', '3', '4', '5', '6', '7', '8', '9', '10', 'J', 'Q', 'K'];
  const valuesOf = (prompt: string, face: (value: number) => number): number[] =>
    (prompt.split(';')[0] ?? '').split(' ').map((card) => face(faces.indexOf(card) + 1));
  const asTen = (value: number): number => Math.min(value, 10);

  it.each(demoProbes(ROOT))('$name asks 600 problems whose numbers are those of the prompt', (choice) => {
    const { problems } = readProbe(choice, ROOT);
    expect(problems).toHaveLength(600);
    const ood = choice.kind === 'ood';
    for (const { prompt, verifier } of problems) {
      expect(prompt).toMatch(ood ? /;JQK=11,12,13;24=$/ : /;JQK=10;24=$/);
      expect(verifier).toEqual({
        kind: 'points',
        numbers: valuesOf(prompt, ood ? (value) => value : asTen),
        target: 24,
        ...(ood ? { otherNumbers: valuesOf(prompt, asTen) } : {}),
        format: 'formula',
        grading: 'paper',
      });
    }
    const known = problems.filter(({ strata }) => strata['multiset'] === 'known');
    expect([known.length, new Set(problems.map(({ prompt }) => prompt)).size]).toEqual([300, 600]);
    expect(difficulty(problems).hands?.unsolvable).toBe(0);
  });
});

const percent = (share: number): string => (100 * share).toFixed(1);

/** Cells of the row of a Markdown table that starts with these cells. */
function rowOf(...start: string[]): string[] {
  const row = read('README.md')
    .split('\n')
    .find((line) => line.startsWith(`| ${start.join(' | ')} |`));
  return (
    row
      ?.split('|')
      .map((cell) => cell.trim())
      .slice(1 + start.length, -1) ?? []
  );
}

describe('the README of the demo study', () => {
  it('gives the accuracies of results.json', () => {
    for (const [label, checkpoint] of path) {
      const { id, ood } = results.checkpoints.find((one) => one.checkpoint === checkpoint)!;
      const cells = [id, ood].map(
        ({ accuracy, wilson95 }) => `${percent(accuracy)} [${wilson95.map(percent).join(', ')}]`,
      );
      expect([label, ...rowOf(label).slice(-2)]).toEqual([label, ...cells]);
    }
  });

  it('gives the weight changes of results.json', () => {
    for (const variant of study.variants) {
      const update = results.updates.find((one) => one.end === variant.path)!;
      const cells = [`${percent(update.sparsity_bf16)} %`, update.relative_update_norm.toFixed(4)];
      expect([variant.label, ...rowOf(variant.label, variant.from)]).toEqual([variant.label, ...cells]);
    }
  });
});

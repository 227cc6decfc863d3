import { join } from 'node:path';
import { expect, it } from 'vitest';
import { alignmentReport } from '../../src-main/api/alignmentReport.ts';
import { labelledAlignments } from '../../src-main/api/labelledAlignments.ts';
import type { Alignment } from '../../src-main/contract/alignment.ts';
import { AlignmentReport } from '../../src-main/contract/alignmentReport.ts';
import { StudyId } from '../../src-main/contract/routes.ts';
import { isPartial } from '../../src-main/study/selectTensors.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { zeros } from '../fixtures/modelLayouts.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { workbench } from './workbench.ts';

const home = tempFolder();
const bench = workbench(join(home, 'main'));

it('says of every tensor the same as the alignments themselves', async () => {
  const name = (layer: number): string => `model.layers.${String(layer)}.self_attn.q_proj.weight`;
  const write = (folder: string, ...tensors: ReturnType<typeof zeros>[]): string =>
    writeCheckpoint(join(home, folder), { tensors });
  const base = write(
    'base',
    zeros(name(0), [4, 4]),
    zeros(name(1), [4, 4]),
    zeros('old.weight', [3]),
    zeros('model.embed_tokens.weight', [10, 4]),
  );
  const sft = write(
    'sft',
    zeros(name(0), [4, 4]),
    zeros(name(1), [6, 4]),
    zeros('new.weight', [2]),
    zeros('model.embed_tokens.weight', [12, 4]),
  );
  const rl = write('rl', zeros(name(0), [4, 4]), zeros(name(1), [4, 4]));
  const variants = [
    { label: 'sft', role: 'sft', path: sft },
    { label: 'rl', role: 'rl', path: rl, from: 'sft' },
  ];
  const { id } = StudyId.parse(await bench.post('/api/studies', { name: 'mixed', base, variants }));
  const alignments = labelledAlignments(bench.hub.get(id).study);
  const report = AlignmentReport.parse(await bench.get(`/api/studies/${id}/alignment-report`));
  const { names, modules, shapes, dtypes, details, reasons } = report;
  const lines = report.variants.map(({ variant, reference, partial, ...columns }) => ({
    partial,
    variant,
    reference,
    tensors: columns.name.map((at, i) => [
      names[at],
      modules[at],
      reasons[columns.reason[i]!],
      details[columns.detail[i]!],
      shapes[columns.referenceShape[i]!],
      shapes[columns.variantShape[i]!],
      dtypes[columns.referenceDtype[i]!],
      dtypes[columns.variantDtype[i]!],
    ]),
  }));
  const shape = (side: { shape: number[] } | null): string => (side ? `[${side.shape.join(', ')}]` : '');
  const expected = alignments.map(({ variant, reference, tensors }) => ({
    partial: tensors.flatMap((each, i) => (isPartial(each) ? [i] : [])),
    variant,
    reference,
    tensors: tensors.map((each) => [
      each.tensor,
      each.role.module,
      each.reason ?? '',
      each.detail ?? '',
      shape(each.reference),
      shape(each.variant),
      each.reference?.dtype ?? '',
      each.variant?.dtype ?? '',
    ]),
  }));
  expect(lines).toEqual(expected);
  expect(lines[0]?.partial).toHaveLength(1);
  expect(reasons).toEqual(
    expect.arrayContaining(['', 'only-in-reference', 'only-in-variant', 'shape-differs']),
  );
});

it('writes names and shapes once, so that four variants of 50 000 tensors stay small', () => {
  const tensors = Array.from({ length: 50_000 }, (_, i): Alignment['tensors'][number] => {
    const tensor = `model.layers.${String(Math.floor(i / 1000))}.mlp.experts.${String(i % 1000)}.down_proj.weight`;
    const info = { name: tensor, dtype: 'BF16', shape: [2048, 768], file: '/f', offset: 0, bytes: 1 };
    const role = {
      tensor,
      layer: 0,
      module: 'down_proj',
      parameter: 'weight',
      kind: 'matrix',
      heads: null,
      expert: 0,
      tiedTo: null,
    } as const;
    return {
      tensor,
      role,
      status: 'compared',
      reason: null,
      detail: null,
      reference: info,
      variant: info,
      elements: 1,
    };
  });
  const counts = {
    compared: 50_000,
    notCompared: 0,
    partial: 0,
    parametersCompared: 1,
    parametersReference: 1,
  };
  const all = ['a', 'b', 'c', 'd'].map((variant) => ({ reference: 'base', variant, tensors, ...counts }));
  const text = JSON.stringify(alignmentReport(all));
  expect(text.length).toBeLessThan(9e6);
  expect(text.length).toBeLessThan(JSON.stringify(all).length / 10);
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectPath } from '../../src-main/study/inspectPath.ts';
import { Inspection } from '../../src-main/contract/checkpoint.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { llamaLayout } from '../fixtures/modelLayouts.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const root = tempFolder();
const { config, tensors } = llamaLayout();

describe('inspectPath', () => {
  const runs = join(root, 'runs');
  for (const step of [40, 5])
    writeCheckpoint(join(runs, 'sft', `checkpoint-${String(step)}`), { config, tensors });

  it('describes a checkpoint, tensors and roles side by side in model order', () => {
    const found = inspectPath(join(runs, 'sft', 'checkpoint-5'));
    expect(Inspection.parse(found)).toEqual(found);
    if (found.kind !== 'checkpoint') throw new Error(`found a ${found.kind}`);
    expect(found.checkpoint.title).toBe('sft/checkpoint-5');
    const names = found.checkpoint.tensors.map(({ name }) => name);
    expect(found.roles.map(({ tensor }) => tensor)).toEqual(names);
    expect(names.toSorted()).toEqual(tensors.map(({ name }) => name).toSorted());
    expect(names[0]).toBe('model.embed_tokens.weight');
  });

  it('describes a collection', () => {
    const found = inspectPath(runs);
    expect(Inspection.parse(found)).toEqual(found);
    expect(found).toMatchObject({ kind: 'collection', path: runs, rejected: [] });
    expect(found.kind === 'collection' && found.found.map(({ step }) => step)).toEqual([5, 40]);
  });

  it('describes a collection below a folder that is itself something else', () => {
    writeFileSync(join(runs, 'sft', 'tf_model.h5'), '');
    const found = inspectPath(join(runs, 'sft'));
    expect(
      found.kind === 'collection' && [found.found.length, found.rejected.map(({ path }) => path)],
    ).toEqual([2, [join(runs, 'sft')]]);
  });

  it('describes a study, named by its folder or its file', () => {
    const folder = writeCheckpoint(join(root, 'study'), { config, tensors });
    writeFileSync(join(folder, 'study.json'), '{"schema": "polarimeter.study/1", "name": "My study"}');
    for (const path of [folder, join(folder, 'study.json')]) {
      expect(inspectPath(path)).toEqual({ kind: 'study', path: folder, name: 'My study' });
    }
  });
});

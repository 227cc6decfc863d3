import { describe, expect, it } from 'vitest';
import { alignCheckpoints } from '../../src-main/architecture/alignCheckpoints.ts';
import { StudyOptions } from '../../src-main/contract/study.ts';
import { selectTensors } from '../../src-main/study/selectTensors.ts';
import { blank } from '../fixtures/elementSources.ts';
import { inMemory } from '../fixtures/inMemory.ts';
import { llamaLayout } from '../fixtures/modelLayouts.ts';

const { config, tensors } = llamaLayout();
const grown = tensors.map((tensor) =>
  /embed_tokens|lm_head/.test(tensor.name) ? blank(tensor.name, [20, 12]) : tensor,
);
const whole = alignCheckpoints(inMemory(tensors, config), inMemory(grown, config));
const select = (options: Partial<StudyOptions>) => selectTensors(whole, StudyOptions.parse(options));

describe('selectTensors', () => {
  it('counts those that are compared in part among the selected ones alone', () => {
    expect(whole.partial).toBe(2);
    expect(select({}).partial).toBe(2);
    expect(select({ modules: ['lm_head'] })).toMatchObject({
      compared: 1,
      partial: 1,
      parametersCompared: 192,
    });
    expect(select({ modules: ['q_proj'] })).toMatchObject({ compared: 2, partial: 0 });
    expect(select({ layers: [[0, 1]] }).partial).toBe(0);
  });

  it('keeps every row, and says why it is left out', () => {
    const { tensors: rows, compared, notCompared } = select({ modules: ['q_proj'] });
    expect([rows.length, compared + notCompared]).toEqual([tensors.length, tensors.length]);
    expect(rows.filter(({ reason }) => reason === 'not-selected')).toHaveLength(tensors.length - 2);
  });
});

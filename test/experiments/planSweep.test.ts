import { describe, expect, it } from 'vitest';
import { SweepFile } from '../../src-main/contract/sweep.ts';
import { planSweep } from '../../src-main/experiments/plan/planSweep.ts';
import { finishedSweepDocument, sampleSweepDocument } from '../fixtures/sweepDocument.ts';
import { describedSources } from '../fixtures/sweepModels.ts';

const BASE = {
  schema: 'polarimeter.sweep/1',
  name: 'planned',
  target: { label: 'sft', path: '/models/sft' },
  donor: { label: 'base', path: '/models/base' },
  probes: [{ name: 'ood', kind: 'ood', path: '/probes/ood.jsonl' }],
} as const;

const fileWith = (more: object): SweepFile => SweepFile.parse({ ...BASE, ...more });
const plan = (more: object, layers = 6) => planSweep(fileWith(more), describedSources(layers));

const NO_CONTROLS = {
  randomLayers: 0,
  randomStep: 0,
  matchedRollBack: false,
  fullRollBack: false,
  embeddingsApart: false,
};

describe('a plan', () => {
  it('of the sample sweep has thirty trials that the contract accepts', () => {
    expect(finishedSweepDocument().results).toHaveLength(30);
    const states = new Set(sampleSweepDocument().results.map(({ state }) => state));
    expect([...states].sort()).toEqual(['answering', 'done', 'dropped', 'failed', 'waiting']);
  });

  it('crosses every list of the grid with the others and names what a trial does', () => {
    const trials = plan({
      grid: [
        {
          kind: 'restore',
          directions: [1, '25 %'],
          part: ['head', 'tail'],
          what: ['triplets', 'directions'],
        },
        { kind: 'reset-layers', shares: [1 / 3], end: 'last', withEmbeddings: true },
      ],
      controls: NO_CONTROLS,
    });
    expect(trials.map(({ label }) => label)).toEqual([
      'sft',
      'base',
      'top 1 triplets',
      'top 25 % triplets',
      'bottom 1 triplets',
      'bottom 25 % triplets',
      "top 1 directions, target's values",
      "top 25 % directions, target's values",
      "bottom 1 directions, target's values",
      "bottom 25 % directions, target's values",
      'last 33.3 % of layers (4-5), embeddings and head from base',
    ]);
    expect(trials.at(-1)?.recipe?.edits).toEqual([
      { edit: 'take', from: 'donor', tensors: { layers: ['4-5'] } },
      {
        edit: 'take',
        from: 'donor',
        tensors: { names: ['model.embed_tokens.weight', 'model.norm.weight'] },
      },
    ]);
  });

  it('makes one trial of what is the same under two names', () => {
    const trials = plan({
      grid: [
        { kind: 'reset-layers', shares: [0.3, 0.35] },
        { kind: 'restore', directions: [4], what: ['values'], variant: ['paper', 'orthonormal'] },
      ],
      controls: NO_CONTROLS,
    });
    expect(trials.filter(({ kind }) => kind === 'repair')).toHaveLength(2);
  });

  it('has ids that do not depend on names, and do on what is done', () => {
    const grid = [{ kind: 'restore', directions: [4] }];
    const [a, b, c] = [
      plan({ grid }),
      plan({ grid, name: 'other', donor: { label: 'renamed', path: '/models/base' } }),
      plan({ grid, donor: { label: 'base', path: '/models/elsewhere' } }),
    ].map((trials) => trials.map(({ id }) => id));
    expect(a).toEqual(b);
    expect(a?.filter((id) => c?.includes(id))).toEqual([a?.[0]]);
  });

  it('gives every repair its controls, drawn from the seed and never the own set', () => {
    const grid = [
      { kind: 'reset-layers', shares: [1 / 3] },
      { kind: 'restore', directions: [4] },
      { kind: 'interpolate', amounts: [0.5] },
    ];
    const trials = plan({ grid, controls: { randomLayers: 2, randomStep: 2 } });
    const repairs = trials.filter(({ kind }) => kind === 'repair');
    const familiesOf = (id: string): string[] =>
      trials.filter(({ controlOf }) => controlOf.includes(id)).map(({ family }) => family);
    const all = ['full-roll-back', 'embeddings'];
    expect(repairs.map(({ id }) => familiesOf(id))).toEqual([
      ['random-layers', 'random-layers', 'random-step', 'random-step', ...all],
      ['random-step', 'random-step', 'matched-roll-back', ...all],
      ['random-step', 'random-step', ...all],
    ]);
    const sets = trials
      .filter(({ family }) => family === 'random-layers')
      .map(({ parameters }) => parameters['layers']);
    expect(new Set([...sets, '0-1']).size).toBe(3);
    expect(plan({ grid, controls: { randomLayers: 2, randomStep: 2 } })).toEqual(trials);
    const otherSeed = plan({ grid, controls: { randomLayers: 2 }, seed: 7 });
    expect(otherSeed.map(({ label }) => label)).not.toEqual(trials.map(({ label }) => label));
  });

  it('draws no more sets of layers than there are', () => {
    const grid = [{ kind: 'reset-layers', shares: [1 / 3, 1] }];
    const trials = plan({ grid, controls: { ...NO_CONTROLS, randomLayers: 20 } }, 3);
    const drawn = trials.filter(({ family }) => family === 'random-layers');
    expect(drawn.map(({ parameters }) => parameters['layers']).sort()).toEqual(['1', '2']);
  });
});

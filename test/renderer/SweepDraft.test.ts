import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { LabView } from '../../src-main/contract/sweep.ts';
import { Recipe } from '../../src-main/contract/recipe.ts';
import type { LabClient } from '../../src-renderer/api/LabClient.ts';
import {
  parseAmounts,
  parseDirections,
  parsePaths,
  parseShares,
} from '../../src-renderer/state/parseList.ts';
import { SweepDraft } from '../../src-renderer/state/SweepDraft.svelte.ts';
import { yamlText } from '../../src-renderer/views/lab/yamlText.ts';
import { finishedSweepDocument } from '../fixtures/sweepDocument.ts';

const model = (label: string, role: string) => ({
  label,
  role,
  path: `/models/${label}`,
  bytes: 1,
  obstacle: null,
});
const VIEW: LabView = {
  embedded: { available: true, engine: 'llama.cpp', devices: ['cpu'], reason: null },
  models: [
    model('base', 'base'),
    model('sft-peak', 'sft'),
    model('sft', 'sft'),
    model('sft-low-lr', 'sft'),
    model('rl-step100', 'rl'),
    model('rl', 'rl'),
  ],
  layers: [0, 1],
  modules: ['q_proj'],
  smallestSide: 64,
  probes: [
    { name: 'id', kind: 'id', path: '/p/id.jsonl', limit: null, problems: 600 },
    { name: 'ood', kind: 'ood', path: '/p/ood.jsonl', limit: null, problems: 600 },
  ],
  sweeps: [],
};
const unasked = () => Promise.reject(new Error('nothing is asked'));
const none: Pick<LabClient, 'plan' | 'create' | 'run'> = { plan: unasked, create: unasked, run: unasked };
const draft = (view = VIEW): SweepDraft => new SweepDraft(none, view);

describe('lists as they are typed', () => {
  it('shares, directions, amounts and paths', () => {
    expect(parseShares('25 %, 0.5; 1/4,1/3').values).toEqual([0.25, 0.5, 1 / 3]);
    expect(parseShares('0').error).toContain('“0” is not a share');
    expect(parseShares('120 %').error).not.toBeNull();
    expect(parseShares('abc').error).not.toBeNull();
    expect(parseDirections('4, 16, 25 %').values).toEqual([4, 16, '25 %']);
    expect(parseDirections('4.5').error).toContain('4.5');
    expect(parseDirections('').error).toContain('at least one');
    expect(parseAmounts('-0.5, 1.5').values).toEqual([-0.5, 1.5]);
    expect(parseAmounts('half').error).not.toBeNull();
    expect(parsePaths('/a/b.yaml, C:\\x.yaml').values).toEqual(['/a/b.yaml', 'C:\\x.yaml']);
    expect(parsePaths('b.yaml').error).not.toBeNull();
  });
});

describe('the form of a sweep', () => {
  it('begins with a sweep that can be run: what forgot, its base, RL beside them, a usual grid with all controls', () => {
    const own = draft();
    expect(own.errors).toEqual([]);
    const file = own.file!;
    expect([file.target.label, file.donor.label, file.reference]).toEqual(['sft', 'base', null]);
    expect(file.others).toEqual([{ label: 'rl', path: '/models/rl' }]);
    expect(file.probes.map(({ path }) => path)).toEqual(['/p/id.jsonl', '/p/ood.jsonl']);
    expect(file.grid.map(({ kind }) => kind)).toEqual(['reset-layers', 'restore', 'interpolate']);
    expect(file.controls).toEqual({
      randomLayers: 2,
      randomStep: 1,
      matchedRollBack: true,
      fullRollBack: true,
      embeddingsApart: true,
    });
    expect(file.repair).toBeNull();
    expect(file.evaluator.kind).toBe('embedded');
  });

  it('crosses what is ticked, in the order of the form', () => {
    const own = draft();
    own.grid.ends.add('last');
    own.grid.kinds.delete('restore');
    own.grid.kinds.add('truncate-update');
    own.grid.ranks = '1, 10 %';
    own.grid.norm = 'restored';
    expect(own.file!.grid).toEqual([
      { kind: 'reset-layers', shares: [0.25, 0.5], end: 'first', withEmbeddings: false },
      { kind: 'reset-layers', shares: [0.25, 0.5], end: 'last', withEmbeddings: false },
      { kind: 'interpolate', amounts: [0.25, 0.5, 0.75] },
      { kind: 'truncate-update', ranks: [1, '10 %'], norm: 'restored' },
    ]);
  });

  it.each<[string, (own: SweepDraft) => void, RegExp]>([
    ['target and donor are one', (own) => (own.donor = 'sft'), /same model/],
    ['no name', (own) => (own.name = ' '), /name the sweep/],
    [
      'nothing is asked',
      (own) => own.probes.rows.forEach((row) => (row.isChosen = false)),
      /at least one probe/,
    ],
    ['nothing was lost on', (own) => (own.probes.rows[1]!.kind = 'id'), /out of distribution/],
    ['two probes of one name', (own) => (own.probes.rows[1]!.name = 'id'), /same name/],
    ['no repair', (own) => own.grid.kinds.clear(), /kind of repair/],
    ['a list that is none', (own) => (own.grid.directions = 'many'), /“many”/],
    ['no part of the spectrum', (own) => own.grid.parts.clear(), /part of the spectrum/],
    ['a server without an address', (own) => (own.evaluator.kind = 'endpoint'), /address/],
  ])('says what stands against it: %s', (_, break_, expected) => {
    const own = draft();
    break_(own);
    expect(own.errors).toHaveLength(1);
    expect(own.errors[0]).toMatch(expected);
    expect(own.file).toBeNull();
  });

  it('a server, automatic repair and a limit are written as the contract has them', () => {
    const own = draft();
    own.evaluator.kind = 'endpoint';
    own.evaluator.url = 'http://127.0.0.1:8000/v1';
    own.evaluator.model = ' sft ';
    own.evaluator.keyVariable = 'API_KEY';
    own.isRepair = true;
    own.heldOutPercent = 40;
    own.probes.rows[0]!.limit = 100;
    const file = own.file!;
    expect(file.evaluator).toMatchObject({ kind: 'endpoint', model: 'sft', keyVariable: 'API_KEY' });
    expect(file.repair).toEqual({ evaluations: 24, keepOneOf: 2, heldOut: 0.4, mayCost: 0.02 });
    expect(file.probes[0]!.limit).toBe(100);
    own.evaluator.keyVariable = 'sk-123';
    expect(own.errors).toEqual(['the name of a variable has capital letters, digits and _']);
  });

  it('takes another probe by its path, and says why a name alone will not do', () => {
    const own = draft();
    own.probes.add('my-ood.jsonl');
    expect(own.probes.said).toMatch(/absolute path/);
    own.probes.add('/x/my set.jsonl');
    own.probes.add('/x/my set.jsonl');
    expect(own.probes.rows.map(({ name }) => name)).toEqual(['id', 'ood', 'my-set']);
    expect(own.probes.said).toMatch(/there already/);
    expect(own.file!.probes).toHaveLength(3);
  });
});

describe('a recipe as text', () => {
  it('reads back as the same recipe', () => {
    for (const { trial } of finishedSweepDocument().results)
      if (trial.recipe) expect(Recipe.parse(parse(yamlText(trial.recipe)))).toEqual(trial.recipe);
    const strange = {
      name: 'yes',
      list: ['null', '1e3', 'a: b', "it's", '# no', ''],
      nested: [{ a: [], b: { c: 1.5 } }],
      t: true,
    };
    expect(parse(yamlText(strange))).toEqual(strange);
  });
});

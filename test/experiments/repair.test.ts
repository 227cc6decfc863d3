import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Recipe } from '../../src-main/contract/recipe.ts';
import { SweepDocument } from '../../src-main/contract/sweep.ts';
import { splitProblems } from '../../src-main/experiments/probeParts.ts';
import { halvingCost, halvingPlan } from '../../src-main/experiments/repair/halvingPlan.ts';
import { rankDrift } from '../../src-main/experiments/repair/proposeCandidates.ts';
import { Sweep } from '../../src-main/experiments/Sweep.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { fakeProblems, fakeServices, sweepOf, type Skill } from './fakeServices.ts';

const home = tempFolder();

const N = 400;

/** The layer that drifted most, by itself, is what was broken; half of everything brings more back but ruins ID. */
const isPlanted = ({ edits: [edit] }: Recipe): boolean =>
  edit?.edit === 'take' && edit.tensors?.layers?.join() === '3';
const isCostly = ({ edits: [edit] }: Recipe): boolean => edit?.edit === 'interpolate' && edit.amount === 0.5;

const SKILL: Skill = ({ path, recipe }, probe) => {
  if (recipe && isCostly(recipe)) return probe === 'id' ? 100 : 240;
  if (probe === 'id') return path === '/models/base' ? 180 : 220;
  if (recipe && isPlanted(recipe)) return 220;
  if (recipe) return 50;
  return path === '/models/base' ? 240 : 40;
};

describe('halving', () => {
  it('asks as much in the first rung as the budget allows and never more than it', () => {
    for (const evaluations of [1, 3, 8, 24, 100]) {
      for (const candidates of [2, 7, 24, 40]) {
        const plan = halvingPlan(candidates, { evaluations, keepOneOf: 2, problems: 320, batch: 16 });
        expect(halvingCost(plan)).toBeLessThanOrEqual(Math.max(1, evaluations));
        expect(plan.at(-1)?.share).toBe(1);
        expect(plan[0]?.entering).toBeLessThanOrEqual(candidates);
      }
    }
    expect(halvingPlan(24, { evaluations: 24, keepOneOf: 2, problems: 320, batch: 16 })).toEqual([
      { entering: 24, share: 1 },
    ]);
    expect(halvingPlan(40, { evaluations: 24, keepOneOf: 2, problems: 320, batch: 16 })).toEqual([
      { entering: 40, share: 0.25 },
      { entering: 20, share: 0.5 },
      { entering: 10, share: 1 },
    ]);
    // 32 problems at least: with 64 of them two rungs are the most, so that fewer candidates enter.
    const small = halvingPlan(40, { evaluations: 12, keepOneOf: 2, problems: 64, batch: 16 });
    expect(small.map(({ share }) => share)).toEqual([0.5, 1]);
    expect(small[0]?.entering).toBeLessThan(40);
  });
});

describe('halves of a probe', () => {
  it('keep strata in proportion, also at their beginning, and twins together', () => {
    const problems = fakeProblems('ood', 100).map((problem, i) =>
      i % 10 === 9 ? { ...problem, twin: `ood-${String(i - 1)}` } : problem,
    );
    const { selection, heldOut } = splitProblems(problems, 0.5, 1);
    expect([...selection, ...heldOut].map(({ id }) => id).sort()).toEqual(
      problems.map(({ id }) => id).sort(),
    );
    const ids = new Set(selection.map(({ id }) => id));
    for (const { id, twin } of problems) if (twin !== undefined) expect(ids.has(id)).toBe(ids.has(twin));
    const even = selection.slice(0, 20).filter(({ strata }) => strata['half'] === 'even').length;
    expect(Math.abs(even - 10)).toBeLessThanOrEqual(3);
    expect(splitProblems(problems, 0.5, 1).selection).toEqual(selection);
    expect(splitProblems(problems, 0.5, 2).selection).not.toEqual(selection);
  });
});

describe('drift', () => {
  it('is ranked by update norm over norm, whatever the sizes are', () => {
    const { layers, modules } = rankDrift([
      { layer: 0, module: 'a', moved: 4, size: 100 },
      { layer: 0, module: 'b', moved: 0, size: 100 },
      { layer: 1, module: 'a', moved: 9, size: 900 },
    ]);
    expect(layers.map(({ what }) => what)).toEqual([0, 1]);
    expect(layers[0]?.drift).toBeCloseTo(Math.sqrt(0.02));
    expect(modules.map(({ what }) => what)).toEqual(['a', 'b']);
  });
});

describe('automatic repair', () => {
  it('picks the planted winner within its budget and confirms it on problems that did not choose it', async () => {
    const asked = new Map<string, Set<string>>();
    const services = fakeServices({
      skill: SKILL,
      problems: N,
      onAsk: (model, problem) => {
        asked.set(model, (asked.get(model) ?? new Set()).add(problem));
      },
    });
    const file = sweepOf({
      grid: [{ kind: 'interpolate', amounts: [0.5] }],
      repair: { evaluations: 10, mayCost: 0.02 },
    });
    using sweep = Sweep.create(join(home, 'repair'), file, services);
    const last = await sweep.run(services);
    expect(last).toMatchObject({ state: 'done', done: last.total });
    const document = SweepDocument.parse(sweep.document());
    const { gate, results, rungs } = document;
    const winner = results.find(({ trial }) => trial.id === gate.trial);
    expect(winner?.trial.label).toBe('the most drifted layer (3) from base');
    expect(gate).toMatchObject({ probe: 'ood', verdict: 'reconsider-rl' });
    expect(gate.recovery?.value).toBeGreaterThan(0.85);
    expect(gate.sentences.at(-1)).toContain('held-out half');
    // The held-out half is what the winner is judged by, and what no candidate but the winner has seen.
    expect(winner?.probes.map(({ accuracy }) => accuracy.n)).toEqual([N / 2, N / 2]);
    expect(document.comparisons).toBe(1);
    expect(rungs.length).toBeGreaterThan(1);
    expect(rungs.at(-1)?.kept).toEqual([gate.trial]);
    const costly = results.find(({ trial }) => trial.label === '50 % of the way to base');
    expect(costly).toMatchObject({ state: 'dropped' });
    expect(costly?.reason).toContain('costing more ID accuracy than it may');
    const repairs = results.filter(({ trial }) => trial.kind === 'repair');
    const selection = repairs.filter(({ trial }) => trial.id !== gate.trial).length;
    expect(selection).toBeGreaterThan(15);
    // Answers that candidates gave on the selection half, in full evaluations of both probes.
    const spent = [...asked.values()].reduce((sum, problems) => sum + problems.size, 0);
    const fixed = 2 * 2 * N + (results.filter(({ trial }) => trial.kind === 'control').length + 1) * N;
    expect((spent - fixed) / N).toBeLessThanOrEqual(10);
    const kinds = results.filter(({ trial }) => trial.kind === 'control').map(({ trial }) => trial.family);
    expect(kinds).toEqual(['random-layers', 'random-layers', 'random-step', 'full-roll-back', 'embeddings']);
  });

  it('asks nothing again when it goes on', async () => {
    let asked = 0;
    const services = fakeServices({
      skill: SKILL,
      problems: N,
      onAsk: () => {
        asked++;
      },
    });
    using sweep = Sweep.open(join(home, 'repair'));
    const before = sweep.document();
    await sweep.run(services);
    expect(asked).toBe(0);
    const { gate, rungs } = sweep.document();
    expect({ gate, rungs }).toEqual({ gate: before.gate, rungs: before.rungs });
  });
});

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import type { Recipe } from '../../src-main/contract/recipe.ts';
import { SweepDocument, type TrialResult } from '../../src-main/contract/sweep.ts';
import { Sweep } from '../../src-main/experiments/Sweep.ts';
import { caught } from '../fixtures/caught.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { doing, fakeServices, sweepOf, type Skill } from './fakeServices.ts';

const home = tempFolder();

/** Of 200: OOD 20 right after SFT and 120 before; ID 110 and 90. */
const skillOf =
  (ood: (recipe: Recipe) => number): Skill =>
  ({ path, recipe }, probe) => {
    if (probe === 'id') return path === '/models/base' ? 90 : 110;
    if (recipe) return ood(recipe);
    return path === '/models/base' ? 120 : 20;
  };

const GRID = [
  { kind: 'restore', directions: [4, 16] },
  { kind: 'reset-layers', shares: [1 / 3] },
];

/** Top 16 recovers 56 % of the 100 lost, a random step as long as it 10 %, a full roll-back all, everything else nothing. */
const RIGHT: Readonly<Record<string, number>> = {
  'restore 16': 76,
  'random as restore 16': 30,
  'take everything': 120,
};
const PLANTED = skillOf((recipe) => RIGHT[doing(recipe)] ?? 20);

const find = (results: readonly TrialResult[], label: string): TrialResult => {
  const found = results.find(({ trial }) => trial.label.startsWith(label));
  return found ?? expect.fail(`no trial ${label}`);
};

describe('a sweep', () => {
  it('finds the planted repair, its control, and says so', async () => {
    const services = fakeServices({ skill: PLANTED });
    using sweep = Sweep.create(join(home, 'planted'), sweepOf({ grid: GRID }), services);
    expect(sweep.document()).toMatchObject({ progress: { state: 'idle' }, gate: { verdict: 'open' } });
    const last = await sweep.run(services);
    expect(last).toMatchObject({ state: 'done', error: null });
    expect(last.done).toBe(last.total);
    const document = SweepDocument.parse(sweep.document());
    const best = find(document.results, 'top 16');
    const ood = best.probes.find(({ kind }) => kind === 'ood');
    expect(ood?.accuracy).toMatchObject({ correct: 76, n: 200 });
    expect(ood?.recovery).toMatchObject({ value: 0.56, numerator: 0.28, denominator: 0.5 });
    const [low, high] = ood?.recovery?.interval ?? [0, 0];
    expect(low).toBeGreaterThan(0.4);
    expect(high).toBeLessThan(0.8);
    expect(ood?.versusTarget).toMatchObject({ gained: 56, lost: 0, difference: 0.28 });
    const control = find(document.results, 'random step as long as: top 16');
    expect(ood?.versusControl).toMatchObject({ control: control.trial.id, gained: 46, lost: 0 });
    expect(control.probes.find(({ kind }) => kind === 'ood')?.recovery?.value).toBeCloseTo(0.1);
    expect(best.moved).toEqual({ norm: 1, shareOfDonor: 0.25, tensors: 3 });
    expect(document.comparisons).toBe(3);
    expect(document.gate).toMatchObject({ trial: best.trial.id, probe: 'ood', threshold: 0.7 });
    expect(document.gate.verdict).toBe('below-threshold');
    expect(document.gate.sentences.join('\n')).toMatchInlineSnapshot(`
      "On ood, sft has 10.0 % (20 of 200, 95 % interval 6.6 to 14.9 %) right and base 60.0 % (120 of 200, 95 % interval 53.1 to 66.5 %): 50.0 points, 95 % interval 43.1 to 56.9, were lost (exact McNemar p < 0.0001).
      Of the repairs that beat their best control after Holm's correction over 3 tests, the one that brings back most is “top 16 directions, target's values”: it brings back 56.0 %, 95 % interval 45.9 to 66.1 %, and has 38.0 % (76 of 200, 95 % interval 31.6 to 44.9 %) right; against its best control, “random step as long as: top 16 directions, target's values”, it is 23.0 points, 95 % interval 17.7 to 29.3 (Holm-adjusted p < 0.0001).
      Its whole interval is below the gate's 70 %: such repairs do not replace RL here.
      On id (ID) it changes accuracy by 0.0 points, 95 % interval -1.9 to 1.9 (p = 1.0, not corrected).
      It was chosen among the repairs by the very answers that are reported here, so its share is likely to be somewhat too high; automatic repair (polarimeter repair) confirms on held-out problems."
    `);
  });

  it('corrects over all repairs by Holm: three tests, the smallest three times', async () => {
    using sweep = Sweep.open(join(home, 'planted'));
    const tests = sweep
      .document()
      .results.filter(({ trial }) => trial.kind === 'repair')
      .map(({ probes }) => probes.find(({ kind }) => kind === 'ood')?.versusTarget);
    const [first, second, third] = [...tests].sort((a, b) => (a?.p ?? 0) - (b?.p ?? 0));
    expect(first?.pAdjusted).toBeCloseTo(3 * (first?.p ?? 0), 12);
    expect([second?.p, second?.pAdjusted, third?.pAdjusted]).toEqual([1, 1, 1]);
    // Only repairs on OOD probes are corrected.
    const others = sweep
      .document()
      .results.flatMap(({ probes, trial }) =>
        probes.filter(({ kind }) => kind === 'id' || trial.kind !== 'repair'),
      );
    expect(others.every(({ versusTarget }) => (versusTarget?.pAdjusted ?? null) === null)).toBe(true);
    await Promise.resolve();
  });

  it('in which no repair beats its control says that', async () => {
    const skill = skillOf((recipe) => (doing(recipe).includes('restore 16') ? 80 : 20));
    const services = fakeServices({ skill });
    using sweep = Sweep.create(join(home, 'none'), sweepOf({ grid: GRID }), services);
    await sweep.run(services);
    const { gate } = sweep.document();
    expect(gate.verdict).toBe('no-repair-beats-control');
    expect(gate.sentences.join('\n')).toMatchInlineSnapshot(`
      "On ood, sft has 10.0 % (20 of 200, 95 % interval 6.6 to 14.9 %) right and base 60.0 % (120 of 200, 95 % interval 53.1 to 66.5 %): 50.0 points, 95 % interval 43.1 to 56.9, were lost (exact McNemar p < 0.0001).
      No repair beats its control: of 3 with one, none is better than its best control and than sft after Holm's correction over 3 tests.
      The highest is “top 16 directions, target's values”: it brings back 60.0 %, 95 % interval 50.0 to 70.0 %, and has 40.0 % (80 of 200, 95 % interval 33.5 to 46.9 %) right; against its best control, “random step as long as: top 16 directions, target's values”, it is 0.0 points, 95 % interval -1.9 to 1.9 (Holm-adjusted p = 1.0). With 200 problems the smallest difference that could be seen, before correction, is 3.9 points."
    `);
  });

  it('without a loss says that nothing was lost, or that it is not certain', async () => {
    const answers = async (base: number, name: string) => {
      const skill: Skill = ({ path }, probe) => (probe === 'ood' && path === '/models/base' ? base : 100);
      const services = fakeServices({ skill });
      using sweep = Sweep.create(join(home, name), sweepOf({ grid: GRID.slice(0, 1) }), services);
      await sweep.run(services);
      return sweep.document().gate;
    };
    expect(await answers(90, 'gained')).toMatchObject({
      verdict: 'nothing-lost',
      sentences: [expect.stringContaining('ood'), expect.stringContaining('Nothing was lost')],
    });
    const unsure = await answers(103, 'unsure');
    expect(unsure.verdict).toBe('not-certain');
    expect(unsure.sentences[1]).toMatch(
      /not certain at 200 problems: .* the smallest that could be seen is \d/,
    );
  });

  it('goes on after one trial has failed, with its reason, and tries it again', async () => {
    let isBroken = true;
    const services = fakeServices({
      skill: PLANTED,
      onMake: (recipe) => {
        if (isBroken && doing(recipe) === 'restore 4')
          throw new PolarimeterError('not-finite', 'holds NaN', 'model.layers.0.x');
      },
    });
    using sweep = Sweep.create(join(home, 'failing'), sweepOf({ grid: GRID }), services);
    expect(await sweep.run(services)).toMatchObject({ state: 'done' });
    expect(find(sweep.document().results, 'top 4')).toMatchObject({
      state: 'failed',
      reason: 'model.layers.0.x: holds NaN (not-finite)',
      probes: [],
    });
    expect(sweep.document().gate.verdict).toBe('below-threshold');
    isBroken = false;
    await sweep.run(services);
    expect(find(sweep.document().results, 'top 4').state).toBe('done');
  });

  it('ends with what stands against all, and goes on from there', async () => {
    let asked = 0;
    const services = fakeServices({
      skill: PLANTED,
      onAsk: () => {
        if (++asked === 900) throw new PolarimeterError('endpoint-unreachable', 'gone', 'http://x');
      },
    });
    using sweep = Sweep.create(join(home, 'down'), sweepOf({ grid: GRID }), services);
    await expect(sweep.run(services)).rejects.toMatchObject({ code: 'endpoint-unreachable' });
    expect(sweep.progress).toMatchObject({
      state: 'failed',
      done: 899,
      error: { code: 'endpoint-unreachable' },
    });
    const last = await sweep.run(services);
    expect(last.state).toBe('done');
    // The one that was asked when the server went is asked again.
    expect(asked).toBe(last.total + 1);
  });

  it('is cancelled within a second, keeps its answers and goes on', async () => {
    const stop = new AbortController();
    let [asked, stopped] = [0, 0];
    const services = fakeServices({
      skill: PLANTED,
      batchMillis: 5,
      onAsk: () => {
        if (++asked !== 500) return;
        stopped = performance.now();
        stop.abort();
      },
    });
    using sweep = Sweep.create(join(home, 'cancelled'), sweepOf({ grid: GRID }), services);
    const states = new Set<string>();
    const last = await sweep.run(services, {
      signal: stop.signal,
      onProgress: ({ state }) => states.add(state),
    });
    expect(performance.now() - stopped).toBeLessThan(1000);
    expect(last.state).toBe('cancelled');
    expect([...states]).toEqual(['running', 'cancelling', 'cancelled']);
    expect(sweep.progress).toMatchObject({ state: 'cancelled', done: asked });
    const before = asked;
    const all = await sweep.run(services);
    expect(all).toMatchObject({ state: 'done' });
    expect(asked).toBe(all.total);
    expect(before).toBeLessThan(600);
  });

  it('asks nothing again: not for a second run, not for a sweep of the same study', async () => {
    let asked = 0;
    const services = fakeServices({
      skill: PLANTED,
      onAsk: () => {
        asked++;
      },
    });
    const file = sweepOf({ grid: GRID });
    using sweep = Sweep.open(join(home, 'planted'));
    await sweep.run(services);
    expect(asked).toBe(0);
    const other = { ...file, grid: file.grid.slice(0, 1), name: 'other' };
    expect(caught(() => Sweep.create(join(home, 'planted'), other, services)).code).toBe('output-exists');
  });

  it('begins again where another evaluator answers, and where problems change', async () => {
    const folder = join(home, 'device');
    const first = fakeServices({ skill: PLANTED });
    using sweep = Sweep.create(folder, sweepOf({ grid: GRID.slice(1) }), first);
    const { total } = await sweep.run(first);
    let asked = 0;
    const onAsk = (): void => {
      asked++;
    };
    const second = fakeServices({ skill: PLANTED, device: 'cuda', onAsk });
    // Everything was answered: nobody loads a model to see who would answer now.
    await sweep.run(second);
    expect(asked).toBe(0);
    const third = fakeServices({ skill: PLANTED, device: 'cuda', onAsk, problems: 210 });
    const last = await sweep.run(third);
    expect(last.total).toBe((total / 200) * 210);
    expect(asked).toBe(last.total);
    expect(sweep.document().evaluator?.device).toBe('cuda');
  });

  it('half answered by one evaluator is answered in full by the other', async () => {
    const stop = new AbortController();
    let asked = 0;
    const file = sweepOf({ grid: GRID.slice(1) });
    const first = fakeServices({
      skill: PLANTED,
      onAsk: () => {
        if (++asked === 1000) stop.abort();
      },
    });
    using sweep = Sweep.create(join(home, 'half'), file, first);
    await sweep.run(first, { signal: stop.signal });
    let again = 0;
    const second = fakeServices({
      skill: PLANTED,
      device: 'cuda',
      onAsk: () => {
        again++;
      },
    });
    const last = await sweep.run(second);
    expect([last.state, last.done, again]).toEqual(['done', last.total, last.total]);
  });

  it('refuses a server that runs one model only', async () => {
    const endpoint = { kind: 'endpoint', url: 'http://127.0.0.1:1/v1', model: 'm' };
    const services = fakeServices({ skill: PLANTED });
    using sweep = Sweep.create(join(home, 'server'), sweepOf({ grid: GRID, evaluator: endpoint }), services);
    await expect(sweep.run(services)).rejects.toMatchObject({
      code: 'not-supported',
      where: 'evaluator.model',
    });
  });

  it('killed in the middle loses no stored answer, says so and goes on', async () => {
    const folder = join(home, 'killed');
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('sweepChild.ts', import.meta.url)), folder],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = once(child, 'exit');
    const stored = (): number => {
      try {
        using sweep = Sweep.open(folder);
        return sweep.progress.done;
      } catch {
        return 0;
      }
    };
    while (stored() < 700) await setTimeout(20);
    {
      using sweep = Sweep.open(folder);
      const services = fakeServices({ skill: PLANTED });
      expect(sweep.progress.state).toBe('elsewhere');
      await expect(sweep.run(services)).rejects.toMatchObject({ code: 'sweep-busy' });
    }
    child.kill('SIGKILL');
    await ended;
    using sweep = Sweep.open(folder);
    const { done, state, error } = sweep.progress;
    expect(state).toBe('interrupted');
    expect(error?.code).toBe('run-interrupted');
    expect(done).toBeGreaterThanOrEqual(700);
    let asked = 0;
    const services = fakeServices({
      skill: PLANTED,
      onAsk: () => {
        asked++;
      },
    });
    const last = await sweep.run(services);
    expect(last.state).toBe('done');
    expect(asked).toBe(last.total - done);
  });

  it('shares answers with the other sweeps of its study', async () => {
    const study = join(home, 'study');
    mkdirSync(join(study, 'sweeps'), { recursive: true });
    writeFileSync(join(study, 'study.json'), '{}');
    const asked: string[] = [];
    const services = fakeServices({ skill: PLANTED, onAsk: (model, problem) => asked.push(model + problem) });
    for (const grid of [GRID.slice(0, 1), GRID]) {
      const folder = join(study, 'sweeps', String(grid.length));
      using sweep = Sweep.create(folder, sweepOf({ grid }), services);
      await sweep.run(services);
    }
    expect(existsSync(join(study, 'answers.sqlite'))).toBe(true);
    expect(new Set(asked).size).toBe(asked.length);
  });
});

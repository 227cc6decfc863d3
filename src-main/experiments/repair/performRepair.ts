import { must } from '../../base/assert.ts';
import type { RepairChoice, Trial, TrialProbe } from '../../contract/sweep.ts';
import { trialOf } from '../plan/Draft.ts';
import { layersOf } from '../plan/layersOf.ts';
import { planControls, type PlannedRepair } from '../plan/planControls.ts';
import { trialResults } from '../results/trialResults.ts';
import type { StoredTrial } from '../SweepStore.ts';
import type { Asked, SweepRun, TrialRunner } from '../TrialRunner.ts';
import { halvingPlan, survivors, type RungPlan } from './halvingPlan.ts';
import { proposeCandidates } from './proposeCandidates.ts';

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** One standard error of a paired difference: a loss within it is no ground to give a candidate up. */
const standardError = ({ n, gained, lost }: NonNullable<TrialProbe['versusTarget']>): number =>
  n > 0 ? Math.sqrt(Math.max(0, gained + lost - (gained - lost) ** 2 / n)) / n : 1;

interface Score {
  readonly id: string;
  /** Mean OOD accuracy. */
  readonly ood: number;
  /** Whether it costs more ID accuracy than it may, by more than chance would hide. */
  readonly tooCostly: boolean;
}

function scoreOf(id: string, probes: readonly TrialProbe[], mayCost: number): Score {
  const ood = mean(probes.filter(({ kind }) => kind === 'ood').map(({ accuracy }) => accuracy.value));
  const tooCostly = probes.some(
    ({ kind, versusTarget }) =>
      kind === 'id' &&
      versusTarget !== null &&
      versusTarget.difference + standardError(versusTarget) < -mayCost,
  );
  return { id, ood, tooCostly };
}

/** Chooses a repair by successive halving on one half of the problems and confirms it, beside its controls, on the other. */
export class RepairSearch {
  readonly #run: SweepRun;
  readonly #runner: TrialRunner;
  readonly #choice: RepairChoice;

  constructor(run: SweepRun, runner: TrialRunner) {
    this.#run = run;
    this.#runner = runner;
    this.#choice = must(run.file.repair, 'a repair is asked for');
  }

  #stored(id: string): StoredTrial {
    return must(
      this.#run.store.trials().find(({ trial }) => trial.id === id),
      'a trial is stored before it is evaluated',
    );
  }

  #evaluate(id: string, asked: Asked): Promise<boolean> {
    return this.#runner.evaluate(this.#stored(id), asked);
  }

  /** fails as evaluating trials does */
  async perform(): Promise<void> {
    const models = this.#run.store.trials().filter(({ trial }) => trial.kind === 'model');
    for (const { trial } of models) {
      await this.#evaluate(trial.id, { scope: 'selection', share: 1 });
      await this.#evaluate(trial.id, { scope: 'held-out', share: 1 });
    }
    const candidates = await this.#candidates();
    const plan = this.#plan(candidates.length);
    const entered = candidates.slice(0, plan[0]?.entering ?? 0);
    this.#giveUp(candidates.slice(entered.length), 'more candidates than the budget has evaluations for');
    const winner = await this.#halve(entered, plan);
    if (winner !== null) await this.#confirm(winner);
  }

  async #candidates(): Promise<PlannedRepair[]> {
    const { services, signal, target, file, store, meter } = this.#run;
    meter.doing('ranking layers and modules by drift');
    const donor = services.openModel(file.donor.path);
    const drifts = await services.drift(donor, target, signal);
    const candidates = proposeCandidates(file, { drifts, sizes: layersOf(target) }, (recipe) =>
      services.confoundsOf(recipe, target),
    );
    store.plan(candidates.map(({ trial }) => trial));
    return candidates;
  }

  #plan(candidates: number): RungPlan[] {
    const problems = this.#run.parts
      .filter(({ part }) => part.scope === 'selection' && part.kind === 'ood')
      .map(({ part }) => part.problems.length);
    const { batch } = this.#run.file.settings;
    return halvingPlan(candidates, { ...this.#choice, problems: Math.min(...problems), batch });
  }

  #giveUp(candidates: readonly PlannedRepair[], reason: string): void {
    for (const { trial } of candidates) this.#run.store.update(trial.id, { state: 'dropped', reason });
  }

  async #halve(
    candidates: readonly PlannedRepair[],
    plan: readonly RungPlan[],
  ): Promise<PlannedRepair | null> {
    let left = candidates;
    for (const [rung, { share }] of plan.entries()) {
      for (const { trial } of left)
        this.#run.meter.wants(trial.id, this.#runner.wanted({ scope: 'selection', share }), 0);
      const order = await this.#rung(left, share);
      const isLast = rung === plan.length - 1;
      const keep = isLast ? 1 : survivors(left.length, this.#choice.keepOneOf);
      const kept = order.slice(0, keep);
      this.#record(rung, { entered: left, order, kept, rungs: plan.length });
      left = kept.flatMap(({ id }) => left.filter(({ trial }) => trial.id === id));
      if (left.length === 0) return null;
    }
    return left[0] ?? null;
  }

  /** Candidates that answered, best first: those that cost too much behind the others. */
  async #rung(candidates: readonly PlannedRepair[], share: number): Promise<Score[]> {
    const answered: string[] = [];
    for (const { trial } of candidates)
      if (await this.#evaluate(trial.id, { scope: 'selection', share })) answered.push(trial.id);
    const { results } = trialResults(this.#run);
    return results
      .filter(({ trial }) => answered.includes(trial.id))
      .map(({ trial, probes }) => scoreOf(trial.id, probes, this.#choice.mayCost))
      .sort((a, b) => Number(a.tooCostly) - Number(b.tooCostly) || b.ood - a.ood);
  }

  #record(
    rung: number,
    {
      entered,
      order,
      kept,
      rungs,
    }: { entered: readonly PlannedRepair[]; order: Score[]; kept: Score[]; rungs: number },
  ): void {
    const { store } = this.#run;
    const ids = kept.map(({ id }) => id);
    const asked = this.#stored(order[0]?.id ?? entered[0]?.trial.id ?? '').scope?.share ?? 0;
    const problems = this.#runner.wanted({ scope: 'selection', share: asked });
    store.addRung(rung + 1, { problems, entered: entered.map(({ trial }) => trial.id), kept: ids });
    for (const [place, { id, tooCostly }] of order.entries()) {
      if (ids.includes(id)) continue;
      const cost = tooCostly ? ', costing more ID accuracy than it may' : '';
      const reason = `rung ${String(rung + 1)} of ${String(rungs)}: place ${String(place + 1)} of ${String(order.length)} by OOD accuracy${cost}`;
      store.update(id, { state: 'dropped', reason });
    }
  }

  /** The winner and its controls on problems that did not choose it. */
  async #confirm(winner: PlannedRepair): Promise<void> {
    const { file, services, store, target, meter } = this.#run;
    const heldOut: Asked = { scope: 'held-out', share: 1 };
    const controls = planControls(file, [winner], layersOf(target)).map(({ draft, controlOf }): Trial => ({
      ...trialOf(draft, 'control', services.confoundsOf(draft.recipe, target)),
      controlOf: [...controlOf],
    }));
    store.plan(controls);
    for (const { id } of [winner.trial, ...controls]) meter.wants(id, this.#runner.wanted(heldOut), 0);
    for (const { id } of [winner.trial, ...controls]) await this.#evaluate(id, heldOut);
  }
}

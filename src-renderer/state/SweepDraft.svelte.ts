import { SvelteSet } from 'svelte/reactivity';
import {
  SweepFile,
  type ControlChoice,
  type LabView,
  type SweepPlan,
} from '../../src-main/contract/sweep.ts';
import type { LabClient } from '../api/LabClient.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { EvaluatorDraft } from './EvaluatorDraft.svelte.ts';
import { Fetched } from './Fetched.svelte.ts';
import { GridDraft } from './GridDraft.svelte.ts';
import { ProbesDraft } from './ProbesDraft.svelte.ts';

/** The plan is asked for when nothing was typed for so long. */
const PLAN_MILLIS = 250;

/** The SFT checkpoint that most others start from: what forgot, most likely. */
function likelyTarget(models: LabView['models']): string {
  return (
    (
      models.findLast(({ role, label }) => role === 'sft' && label === 'sft') ??
      models.findLast(({ role }) => role === 'sft') ??
      models.at(-1)
    )?.label ?? ''
  );
}

/** A sweep that is being thought of, with what it would cost. */
export class SweepDraft {
  readonly #client: Pick<LabClient, 'plan' | 'create' | 'run'>;
  readonly view: LabView;
  readonly probes: ProbesDraft;
  readonly grid = new GridDraft();
  readonly evaluator = new EvaluatorDraft();
  readonly plan = new Fetched<SweepPlan>();
  name = $state('Which repairs bring OOD back');
  target = $state('');
  donor = $state('');
  /** Empty: recovery is measured against the donor. */
  reference = $state('');
  readonly others = new SvelteSet<string>();
  randomLayers = $state<number | null>(2);
  randomStep = $state<number | null>(1);
  matchedRollBack = $state(true);
  fullRollBack = $state(true);
  embeddingsApart = $state(true);
  /** Choose by successive halving within a budget, in place of evaluating everything in full. */
  isRepair = $state(false);
  evaluations = $state<number | null>(24);
  keepOneOf = $state<number | null>(2);
  heldOutPercent = $state<number | null>(50);
  mayCostPoints = $state<number | null>(2);
  isCreating = $state(false);
  problem = $state.raw<Problem | null>(null);

  readonly modelsError: string | null = $derived.by(() => {
    if (this.target === '' || this.donor === '') return 'choose a target and a donor';
    return this.target === this.donor ? 'target and donor are the same model' : null;
  });
  /** Everything that stands against the sweep, in the order of the form. */
  readonly errors: readonly string[] = $derived.by(() =>
    [
      this.name.trim() === '' ? 'name the sweep' : null,
      this.modelsError,
      this.probes.error,
      this.grid.kinds.size === 0 ? 'choose at least one kind of repair' : null,
      ...Object.values(this.grid.errors),
      this.evaluator.error,
    ].filter((error) => error !== null),
  );
  readonly file: SweepFile | null = $derived.by(() => {
    const { grid } = this.grid;
    if (this.errors.length > 0 || grid === null) return null;
    return SweepFile.parse({
      schema: 'polarimeter.sweep/1',
      name: this.name.trim(),
      target: this.#model(this.target),
      donor: this.#model(this.donor),
      reference: this.reference === '' || this.reference === this.donor ? null : this.#model(this.reference),
      others: this.view.models
        .filter(({ label }) => this.others.has(label) && !this.#isUsed(label))
        .map(({ label }) => this.#model(label)),
      probes: this.probes.choices,
      grid,
      controls: this.#controls,
      repair: this.#repair,
      evaluator: this.evaluator.choice,
      settings: this.evaluator.settings,
      seed: this.evaluator.seed ?? 42,
    });
  });
  /** The plan as it was asked for last is not that of what is typed now. */
  isStale = $state(false);

  constructor(client: Pick<LabClient, 'plan' | 'create' | 'run'>, view: LabView) {
    this.#client = client;
    this.view = view;
    this.probes = new ProbesDraft(view.probes);
    this.target = likelyTarget(view.models);
    this.donor = view.models.find(({ label }) => label !== this.target)?.label ?? '';
    const followers = view.models.filter(({ role, label }) => role === 'rl' && !label.includes('step'));
    const [first] = followers;
    if (first) this.others.add(first.label);
  }

  /** Asks what the sweep would be, some time after the last change; call it in an effect, which ends with what is returned. */
  followPlan(): (() => void) | undefined {
    const { file } = this;
    this.isStale = true;
    if (!file) return undefined;
    const timer = setTimeout(() => {
      void this.plan.ask(() => this.#client.plan(file)).then(() => (this.isStale = false));
    }, PLAN_MILLIS);
    return () => clearTimeout(timer);
  }

  /** Makes the sweep and starts it; its id, or null when that failed. */
  async create(): Promise<string | null> {
    const { file } = this;
    if (!file || this.isCreating) return null;
    this.isCreating = true;
    this.problem = null;
    try {
      const id = await this.#client.create(file);
      await this.#client.run(id);
      return id;
    } catch (error) {
      this.problem = problemOf(error);
      return null;
    } finally {
      this.isCreating = false;
    }
  }

  #model(label: string): { label: string; path: string } {
    return { label, path: this.view.models.find((model) => model.label === label)?.path ?? '' };
  }

  #isUsed(label: string): boolean {
    return [this.target, this.donor, this.reference].includes(label);
  }

  get #controls(): ControlChoice {
    const { matchedRollBack, fullRollBack, embeddingsApart } = this;
    const [randomLayers, randomStep] = [this.randomLayers ?? 0, this.randomStep ?? 0];
    return { randomLayers, randomStep, matchedRollBack, fullRollBack, embeddingsApart };
  }

  get #repair(): SweepFile['repair'] {
    if (!this.isRepair) return null;
    return {
      evaluations: this.evaluations ?? 24,
      keepOneOf: this.keepOneOf ?? 2,
      heldOut: (this.heldOutPercent ?? 50) / 100,
      mayCost: (this.mayCostPoints ?? 2) / 100,
    };
  }
}

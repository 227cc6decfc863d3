import type { Checkpoint } from '../contract/checkpoint.ts';
import type { SweepFile } from '../contract/sweep.ts';
import type { AnswerStore } from './AnswerStore.ts';
import { ModelPlace } from './ModelPlace.ts';
import { planSweep } from './plan/planSweep.ts';
import { partsOf, type AskedPart } from './probeParts.ts';
import { RepairSearch } from './repair/performRepair.ts';
import type { AnsweredTrials } from './results/AnsweredTrials.ts';
import type { SweepMeter } from './SweepMeter.ts';
import type { SweepServices } from './SweepServices.ts';
import type { Basis, SweepStore } from './SweepStore.ts';
import { EvaluatorChanged, TrialRunner, type SweepRun } from './TrialRunner.ts';

/** What is to be run. */
export interface SweepSubject {
  readonly file: SweepFile;
  readonly folder: string;
  readonly store: SweepStore;
  readonly answers: AnswerStore;
  readonly answered: AnsweredTrials;
}

/** Whom a run tells how it stands, and who stops it. */
export interface SweepWatch {
  readonly meter: SweepMeter;
  readonly signal: AbortSignal;
  readonly inFlight: SweepRun['inFlight'];
  readonly onResult: SweepRun['onResult'];
}

async function basisOf(
  { file }: SweepSubject,
  { services, target, parts }: { services: SweepServices; target: Checkpoint; parts: readonly AskedPart[] },
  signal: AbortSignal,
): Promise<Basis> {
  const content = async (model: Checkpoint): Promise<string> => {
    if (model.recipe) await services.makeTensors(model, signal);
    return services.modelFingerprint(model, signal);
  };
  return {
    target: await content(target),
    donor: await content(services.openModel(file.donor.path)),
    reference: file.reference && (await content(services.openModel(file.reference.path))),
    parts: parts.map(({ part }) => part),
  };
}

/** Trials as they are planned now: what is no longer planned goes, and nothing of it that was answered. */
function plan({ file, store }: SweepSubject, services: SweepServices, target: Checkpoint): void {
  const { readRecipe, confoundsOf } = services;
  const grid = file.repair === null ? file.grid : [];
  const trials = planSweep({ ...file, grid }, { target, readRecipe, confoundsOf });
  const planned = new Set(trials.map(({ id }) => id));
  const models = trials.filter(({ kind }) => kind === 'model');
  const wanted = file.repair === null ? trials : models;
  if (file.repair === null)
    store.drop(store.trials().flatMap(({ trial }) => (planned.has(trial.id) ? [] : [trial.id])));
  store.plan(wanted);
}

/** Puts the trials of a sweep into its folder before anything runs. fails sweep-invalid, and as opening models does */
export function planStored(subject: SweepSubject, services: SweepServices): Checkpoint {
  const target = services.openModel(subject.file.target.path);
  plan(subject, services, target);
  return target;
}

async function everyTrial(run: SweepRun, runner: TrialRunner): Promise<void> {
  const asked = { scope: 'all', share: 1 } as const;
  const trials = run.store.trials();
  for (const stored of trials)
    run.meter.wants(stored.trial.id, runner.wanted(asked), runner.there(stored, asked));
  for (const { trial } of trials) {
    const stored = run.store.trials().find((each) => each.trial.id === trial.id);
    if (stored) await runner.evaluate(stored, asked);
  }
}

/** Evaluates what is missing; once more from the start where another evaluator runs than the one that answered before. */
async function attempt(run: SweepRun): Promise<void> {
  const runner = new TrialRunner(run);
  try {
    await (run.file.repair === null ? everyTrial(run, runner) : new RepairSearch(run, runner).perform());
  } catch (error) {
    if (!(error instanceof EvaluatorChanged)) throw error;
    run.store.reset();
    run.store.evaluator = error.info;
    await attempt(run);
  }
}

/** Runs what is missing of a sweep. fails as its services do with what concerns every trial */
export async function performSweep(
  subject: SweepSubject,
  services: SweepServices,
  watch: SweepWatch,
): Promise<void> {
  const { meter, signal } = watch;
  const { file, store } = subject;
  const target = planStored(subject, services);
  const parts = partsOf(
    file,
    file.probes.map((probe) => services.readProbe(probe)),
  );
  meter.doing('reading the models');
  const basis = await basisOf(subject, { services, target, parts }, signal);
  // Other weights or problems than before: nothing that was judged can stay, while the answers are kept under their own names.
  if (store.basis !== null && JSON.stringify(store.basis) !== JSON.stringify(basis)) store.reset();
  store.basis = basis;
  await using place = new ModelPlace(services, file, target);
  await attempt({ ...subject, ...watch, services, target, parts, place });
}

import { must } from '../base/assert.ts';
import type { Checkpoint } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { EvaluatorInfo } from '../contract/evaluator.ts';
import type { Outcome } from '../contract/probe.ts';
import type { SweepFile, Trial } from '../contract/sweep.ts';
import type { Probe } from '../probes/readProbe.ts';
import { AnswerBuffer } from './AnswerBuffer.ts';
import type { AnswerStore } from './AnswerStore.ts';
import { answerSubject } from './answerSubject.ts';
import { concernsAll } from './concernsAll.ts';
import type { ModelPlace, PlacedModel } from './ModelPlace.ts';
import { trialId } from './plan/trialId.ts';
import { askedCount, type AskedPart } from './probeParts.ts';
import type { AnsweredTrials } from './results/AnsweredTrials.ts';
import type { SweepMeter } from './SweepMeter.ts';
import type { SweepServices } from './SweepServices.ts';
import type { Scope, StoredTrial, SweepStore } from './SweepStore.ts';

/** What the trials of a running sweep share. */
export interface SweepRun {
  readonly file: SweepFile;
  readonly folder: string;
  readonly services: SweepServices;
  readonly store: SweepStore;
  readonly answers: AnswerStore;
  readonly answered: AnsweredTrials;
  readonly meter: SweepMeter;
  readonly signal: AbortSignal;
  readonly target: Checkpoint;
  readonly parts: readonly AskedPart[];
  readonly place: ModelPlace;
  /** Says what is in flight, for whoever finds the sweep without its process. */
  readonly inFlight: (labels: readonly string[]) => void;
  /** A trial has begun or ended. */
  readonly onResult: () => void;
}

/** Which problems a trial is to answer: a share of those of a scope. */
export interface Asked {
  readonly scope: Scope;
  readonly share: number;
}

/** The evaluator is not the one that gave the answers so far: they cannot be compared with new ones. */
export class EvaluatorChanged extends Error {
  readonly info: EvaluatorInfo;

  constructor(info: EvaluatorInfo) {
    super('another evaluator');
    this.info = info;
  }
}

const same = (a: EvaluatorInfo, b: EvaluatorInfo): boolean =>
  answerSubject({ ...NOTHING, evaluator: a }) === answerSubject({ ...NOTHING, evaluator: b });
const NOTHING = {
  model: '',
  probe: '',
  settings: {
    temperature: 0,
    topP: 1,
    maxTokens: 1,
    stop: [],
    seed: 0,
    template: 'none',
    batch: 1,
  } satisfies SweepFile['settings'],
};

function pathOf({ target, donor, reference, others }: SweepFile, trial: Trial): string {
  const all = [target, donor, ...(reference ? [reference] : []), ...others];
  const own = all.find(({ path }) => trialId('model', `${String(trial.part)} ${path}`) === trial.id);
  return must(own, 'a model of the plan is one of the file').path;
}

/** A probe as it is asked of one model. */
interface Question {
  readonly probe: Probe;
  readonly subject: string;
  readonly known: ReadonlyMap<string, Outcome>;
  readonly done: number;
}

/** Seconds since a moment. */
const since = (start: number): number => (performance.now() - start) / 1000;

/** Makes, loads and asks one trial after another; keeps every answer as it comes. */
export class TrialRunner {
  readonly #run: SweepRun;

  constructor(run: SweepRun) {
    this.#run = run;
  }

  #asked({ scope, share }: Asked): { asked: AskedPart; count: number }[] {
    const { parts, file } = this.#run;
    return parts
      .filter(({ part }) => part.scope === scope)
      .map((asked) => ({ asked, count: askedCount(asked.part, share, file.settings.batch) }));
  }

  /** How many answers a trial is to have. */
  wanted(asked: Asked): number {
    return this.#asked(asked).reduce((sum, { count }) => sum + count, 0);
  }

  /** How many of them are there, as far as is known without making the trial. */
  there({ fingerprint }: StoredTrial, asked: Asked): number {
    const { store, answers, file } = this.#run;
    const { evaluator } = store;
    if (fingerprint === null || evaluator === null) return 0;
    const sources = this.#asked(asked).map(({ asked: { part }, count }) => {
      const source = { model: fingerprint, probe: part.fingerprint, settings: file.settings, evaluator };
      return Math.min(count, answers.count(answerSubject(source)));
    });
    return sources.reduce((sum, count) => sum + count, 0);
  }

  /**
   * Answers of a trial. False where it failed by itself; its reason is stored.
   * fails with what stands against every trial, and for the models that all are compared with
   */
  async evaluate(stored: StoredTrial, asked: Asked): Promise<boolean> {
    const { store, meter } = this.#run;
    const { trial } = stored;
    const scope = { part: asked.scope, share: asked.share };
    const wanted = this.wanted(asked);
    const there = this.there(stored, asked);
    meter.wants(trial.id, wanted, there);
    if (there === wanted) {
      store.update(trial.id, { state: 'done', reason: null, scope });
      return true;
    }
    this.#run.inFlight([trial.label]);
    try {
      store.update(trial.id, { state: 'making', reason: null, scope });
      this.#run.onResult();
      await this.#evaluate(trial, asked);
      store.update(trial.id, { state: 'done' });
      this.#run.onResult();
      return true;
    } catch (error) {
      this.#keepFailure(trial, error);
      return false;
    }
  }

  #keepFailure(trial: Trial, error: unknown): void {
    const { store, meter, file } = this.#run;
    const isCompared =
      trial.part === 'target' || trial.part === (file.reference === null ? 'donor' : 'reference');
    if (concernsAll(error) || isCompared || !(error instanceof PolarimeterError)) {
      store.update(trial.id, { state: 'waiting' });
      throw error;
    }
    const where = error.where === null ? '' : `${error.where}: `;
    store.update(trial.id, { state: 'failed', reason: `${where}${error.message} (${error.code})` });
    meter.gaveUp(trial.id);
    this.#run.onResult();
  }

  async #evaluate(trial: Trial, asked: Asked): Promise<void> {
    const { services, store, meter, place, signal, file, folder } = this.#run;
    meter.doing(`${trial.label} · making`);
    const start = performance.now();
    const checkpoint =
      trial.recipe === null
        ? services.openModel(pathOf(file, trial))
        : services.openRecipe(trial.recipe, folder);
    const made = checkpoint.recipe ? await services.makeTensors(checkpoint, signal) : [];
    const fingerprint = await services.modelFingerprint(checkpoint, signal);
    store.update(trial.id, { fingerprint, moved: await this.#moved(trial, checkpoint), state: 'answering' });
    const makeSeconds = since(start);
    const bytes = made.reduce((sum, { taken, bytes: size }) => sum + (taken ? 0 : size), 0);
    meter.doing(`${trial.label} · loading`);
    await using model = await place.load(trial, checkpoint, signal);
    this.#check(model.evaluator.info);
    const answering = performance.now();
    const answers = await this.#answer({ trial, fingerprint }, model, asked);
    const answerSeconds = since(answering);
    meter.took(makeSeconds + model.patchSeconds, answerSeconds, answers);
    const { patchSeconds, patchBytes } = model;
    store.update(trial.id, {
      cost: { makeSeconds, patchSeconds, answerSeconds, bytesWritten: bytes + patchBytes },
    });
    services.tidy(checkpoint);
  }

  async #moved(trial: Trial, checkpoint: Checkpoint): Promise<StoredTrial['moved']> {
    const { services, store, target, signal } = this.#run;
    if (trial.part === 'target') return { norm: 0, shareOfDonor: 0, tensors: 0 };
    const { norm, tensors } = await services.distance(target, checkpoint, signal);
    const donor =
      trial.part === 'donor' ? norm : store.trials().find((each) => each.trial.part === 'donor')?.moved?.norm;
    return { norm, shareOfDonor: donor === undefined || donor === 0 ? null : norm / donor, tensors };
  }

  #check(info: EvaluatorInfo): void {
    const { store } = this.#run;
    const known = store.evaluator;
    // A server has one name for each trial.
    if (known !== null && info.kind === 'embedded' && !same(known, info)) throw new EvaluatorChanged(info);
    store.evaluator ??= info;
  }

  /** The problems of a trial with the answers that are there. */
  #questions(fingerprint: string, asked: Asked): Question[] {
    const { store, answers, file } = this.#run;
    const evaluator = must(store.evaluator, 'a loaded model has told who it is');
    return this.#asked(asked).map(({ asked: { part, probe }, count }) => {
      const source = { model: fingerprint, probe: part.fingerprint, settings: file.settings, evaluator };
      const subject = answers.subject(source);
      const known = answers.outcomes(subject);
      const problems = probe.problems.slice(0, count);
      const done = problems.filter(({ id }) => known.has(id)).length;
      return { subject, known, done, probe: { ...probe, problems } };
    });
  }

  /** Returns how many new answers there are. */
  async #answer(
    { trial, fingerprint }: { trial: Trial; fingerprint: string },
    { evaluator }: PlacedModel,
    asked: Asked,
  ): Promise<number> {
    const { services, answers, meter, signal, file } = this.#run;
    const questions = this.#questions(fingerprint, asked);
    const found = questions.reduce((sum, { done }) => sum + done, 0);
    meter.wants(trial.id, this.wanted(asked), found);
    let fresh = 0;
    for (const { probe, subject, known, done } of questions) {
      const total = probe.problems.length;
      if (done === total) continue;
      using buffer = new AnswerBuffer(answers, subject);
      let there = done;
      const onOutcome = (outcome: Outcome): void => {
        buffer.add(outcome);
        fresh += 1;
        there += 1;
        meter.answered(trial.id);
        meter.doing(`${trial.label} · ${probe.name} ${String(there)}/${String(total)}`);
      };
      await services.answerProbe(evaluator, probe, { settings: file.settings, known, signal, onOutcome });
    }
    return fresh;
  }
}

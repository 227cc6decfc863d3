import { basename, resolve } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import type { SweepDocument, SweepEstimate, SweepFile, SweepProgress } from '../contract/sweep.ts';
import { interruptionError } from '../study/interruptionError.ts';
import { interruptedRun, RunLock, runningProcess } from '../study/RunLock.ts';
import { refuseSourceFolder } from '../study/studyFile.ts';
import { AnswerStore, answersFile } from './AnswerStore.ts';
import { answerSubject } from './answerSubject.ts';
import { estimateSweep } from './estimateSweep.ts';
import { performSweep, planStored } from './performSweep.ts';
import { AnsweredTrials } from './results/AnsweredTrials.ts';
import { gateAnswer } from './results/gateAnswer.ts';
import { trialResults } from './results/trialResults.ts';
import { absoluteSweep, storedSweep, sweepFolder, writeSweep } from './sweepFile.ts';
import { IDLE_SWEEP, SweepMeter } from './SweepMeter.ts';
import type { SweepServices } from './SweepServices.ts';
import { SweepStore } from './SweepStore.ts';

const LOCK = { busy: 'sweep-busy', name: 'this sweep' } as const;

export interface SweepRunOptions {
  readonly signal?: AbortSignal | undefined;
  /** At most ten times a second, and at every change of state. */
  readonly onProgress?: ((progress: SweepProgress) => void) | undefined;
  /** A trial has begun or ended: the document is not what it was. */
  readonly onResult?: (() => void) | undefined;
}

const NOBODY = (): void => undefined;

const FINISHED = new Set(['done', 'failed', 'dropped']);

/** A sweep in its folder: sweep.json, sweep.sqlite, run.lock; its answers lie where `answersFile` says. */
export class Sweep implements Disposable {
  readonly folder: string;
  readonly file: SweepFile;
  readonly #store: SweepStore;
  readonly #answers: AnswerStore;
  readonly #answered: AnsweredTrials;
  #meter: SweepMeter | null = null;

  private constructor(folder: string, file: SweepFile) {
    this.folder = folder;
    this.file = file;
    this.#store = new SweepStore(folder);
    this.#answers = new AnswerStore(answersFile(folder));
    this.#answered = new AnsweredTrials({ file, store: this.#store, answers: this.#answers });
  }

  /**
   * Makes the folder and plans the trials; opens the one that is there where it holds the same sweep.
   * fails output-exists source-folder sweep-invalid study-read-only disk-full, and as opening models does
   */
  static create(path: string, file: SweepFile, services: SweepServices): Sweep {
    const folder = resolve(path);
    const absolute = absoluteSweep(file, folder);
    const earlier = storedSweep(folder);
    if (earlier !== null && JSON.stringify(earlier) !== JSON.stringify(absolute))
      throw new PolarimeterError(
        'output-exists',
        'there is another sweep in this folder',
        folder,
        'choose another folder with --out, or go on with the one that is there: `polarimeter sweep FOLDER`',
      );
    const models = [absolute.target, absolute.donor].map((model) => services.openModel(model.path));
    refuseSourceFolder(folder, models);
    if (earlier === null) writeSweep(folder, absolute);
    const sweep = new Sweep(folder, absolute);
    planStored(sweep.#subject, services);
    return sweep;
  }

  /** Given its folder or its sweep.json. fails path-not-found sweep-invalid study-version */
  static open(path: string): Sweep {
    const folder = sweepFolder(path);
    const file = storedSweep(folder);
    if (file === null) throw new PolarimeterError('path-not-found', 'no sweep.json here', folder);
    return new Sweep(folder, file);
  }

  get id(): string {
    return basename(this.folder);
  }

  get #subject() {
    return {
      file: this.file,
      folder: this.folder,
      store: this.#store,
      answers: this.#answers,
      answered: this.#answered,
    };
  }

  /**
   * Evaluates what is missing. Resolves when done or cancelled; killed at any moment it loses the answers of a quarter of a second.
   * fails sweep-busy, and as the services do with what concerns every trial
   */
  async run(services: SweepServices, options: SweepRunOptions = {}): Promise<SweepProgress> {
    const { signal = new AbortController().signal, onProgress = NOBODY, onResult = NOBODY } = options;
    using lock = new RunLock(this.folder, LOCK);
    const store = this.#store;
    const meter = new SweepMeter({
      report: onProgress,
      anonymousBytes: () => services.anonymousBytes(),
      millisBefore: store.millisElapsed,
    });
    this.#meter = meter;
    const cancelling = (): void => meter.state('cancelling');
    signal.addEventListener('abort', cancelling);
    store.ending = null;
    meter.state('running');
    try {
      await performSweep(this.#subject, services, {
        meter,
        signal,
        inFlight: (labels) => lock.inFlight(labels),
        onResult,
      });
      meter.state('done');
    } catch (error) {
      const isCancelled = error instanceof PolarimeterError && error.code === 'cancelled';
      meter.state(isCancelled ? 'cancelled' : 'failed', isCancelled ? null : error);
      if (!isCancelled) throw error;
    } finally {
      signal.removeEventListener('abort', cancelling);
      this.#meter = null;
      store.millisElapsed = meter.millisElapsed;
      const { state, error } = meter.progress;
      store.ending = { state: state === 'cancelled' || state === 'failed' ? state : 'done', error };
    }
    return meter.progress;
  }

  /** How it stands, whoever runs it. */
  get progress(): SweepProgress {
    if (this.#meter !== null) return this.#meter.progress;
    const trials = this.#store.trials();
    const finished = trials.length > 0 && trials.every(({ state }) => FINISHED.has(state));
    const { estimate, ending, millisElapsed } = this.#store;
    const done = this.#answerCount();
    const total = finished ? done : Math.max(done, estimate?.answers ?? 0);
    const resting = { ...IDLE_SWEEP, done, total, millisElapsed };
    if (runningProcess(this.folder) !== null) return { ...resting, state: 'elsewhere' };
    const interruption = interruptedRun(this.folder);
    if (interruption !== null && ending === null)
      return { ...resting, state: 'interrupted', error: interruptionError(interruption).body };
    if (ending !== null && ending.state !== 'done') return { ...resting, ...ending };
    return { ...resting, state: finished && ending !== null ? 'done' : 'idle' };
  }

  /** Answers that are there for its trials. */
  #answerCount(): number {
    const { basis, evaluator } = this.#store;
    if (basis === null || evaluator === null) return 0;
    const { settings } = this.file;
    const counts = this.#store
      .trials()
      .flatMap(({ fingerprint, scope }) =>
        basis.parts
          .filter((part) => part.scope === scope?.part)
          .map(({ fingerprint: probe }) =>
            fingerprint === null
              ? 0
              : this.#answers.count(answerSubject({ model: fingerprint, probe, settings, evaluator })),
          ),
      );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** What it will cost. Reads headers and probes. fails probe-invalid, and as opening models does */
  estimate(services: SweepServices): SweepEstimate {
    const target = services.openModel(this.file.target.path);
    const problems = this.file.probes.map((probe) => services.readProbe(probe).problems.length);
    const trials = this.#store.trials().length;
    const estimate = estimateSweep(this.file, target, { trials, problems, cached: this.#answerCount() });
    this.#store.estimate = estimate;
    return estimate;
  }

  /** Everything that is known of it at this moment. */
  document(): SweepDocument {
    const { results, comparisons } = trialResults(this.#subject);
    const isRunning = this.#meter !== null || runningProcess(this.folder) !== null;
    // A run that was cut off leaves its trial in the middle.
    const shown = results.map((result) =>
      !isRunning && (result.state === 'making' || result.state === 'answering')
        ? { ...result, state: 'waiting' as const }
        : result,
    );
    return {
      schema: 'polarimeter.sweep-result/1',
      id: this.id,
      folder: this.folder,
      file: this.file,
      progress: this.progress,
      estimate: this.#store.estimate,
      evaluator: this.#store.evaluator,
      results: shown,
      rungs: this.#store.rungs(),
      comparisons,
      gate: gateAnswer({ file: this.file, results: shown, comparisons }),
    };
  }

  [Symbol.dispose](): void {
    this.#store[Symbol.dispose]();
    this.#answers[Symbol.dispose]();
  }
}

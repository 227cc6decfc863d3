import type { Checkpoint } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { SweepFile, Trial } from '../contract/sweep.ts';
import type { Evaluator, ModelBench } from '../inference/Evaluator.ts';
import type { SweepServices } from './SweepServices.ts';

/** A model that answers, with what it took to get there. */
export interface PlacedModel extends AsyncDisposable {
  readonly evaluator: Evaluator;
  readonly patchSeconds: number;
  readonly patchBytes: number;
}

/** Where one model after another is made to answer: a bench that is opened with the first, or a server that has them all. */
export class ModelPlace implements AsyncDisposable {
  readonly #services: SweepServices;
  readonly #file: SweepFile;
  readonly #target: Checkpoint;
  #bench: ModelBench | null = null;

  constructor(services: SweepServices, file: SweepFile, target: Checkpoint) {
    this.#services = services;
    this.#file = file;
    this.#target = target;
  }

  async load(trial: Trial, checkpoint: Checkpoint, signal: AbortSignal): Promise<PlacedModel> {
    const { evaluator: choice, settings } = this.#file;
    if (choice.kind === 'endpoint') return this.#served(choice, trial);
    this.#bench ??= await this.#services.openBench(this.#target, choice, { settings, signal });
    const loaded = await this.#bench.load(checkpoint, { signal });
    const { patched, evaluator } = loaded;
    return {
      evaluator,
      patchSeconds: patched.seconds,
      patchBytes: patched.bytes,
      [Symbol.asyncDispose]: () => loaded[Symbol.asyncDispose](),
    };
  }

  /** A server runs what it was started with: the recipes must have been written and be served, each under a name of its own. */
  #served(choice: Extract<SweepFile['evaluator'], { kind: 'endpoint' }>, trial: Trial): PlacedModel {
    if (!choice.model.includes('{trial}') && !choice.model.includes('{label}')) {
      const message =
        'a server runs one model and a sweep many: give evaluator.model with {trial} or {label} in it, and serve what `polarimeter write` makes of each recipe under that name';
      throw new PolarimeterError('not-supported', message, 'evaluator.model');
    }
    const model = choice.model.replaceAll('{trial}', trial.id).replaceAll('{label}', trial.label);
    const evaluator = this.#services.openEndpoint({ ...choice, model });
    return {
      evaluator,
      patchSeconds: 0,
      patchBytes: 0,
      [Symbol.asyncDispose]: () => evaluator[Symbol.asyncDispose](),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bench?.[Symbol.asyncDispose]();
    this.#bench = null;
  }
}

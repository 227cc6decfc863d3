import type { Checkpoint } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { EmbeddedAvailability } from '../contract/evaluator.ts';
import type { ExportTrial, Exported, SweepFile, SweepPlan, Trial } from '../contract/sweep.ts';
import { estimateSweep } from '../experiments/estimateSweep.ts';
import { planSweep } from '../experiments/plan/planSweep.ts';
import { Sweep } from '../experiments/Sweep.ts';
import type { SweepServices } from '../experiments/SweepServices.ts';
import { planGguf } from '../inference/gguf/planGguf.ts';
import type { EngineSweep, ExportWatch, SweepEngine, SweepWatch } from './SweepEngine.ts';

export interface ExperimentParts {
  /** What sweeps are done with. fails engine-missing */
  readonly services: () => SweepServices;
  readonly embedded: () => Promise<EmbeddedAvailability>;
  /** Writes the recipe of a trial in one of the forms. */
  readonly exportTrial: (
    trial: Trial,
    request: ExportTrial,
    place: { readonly folder: string; readonly watch: ExportWatch },
  ) => Promise<Exported>;
}

/** "restore top 16", of "restore top 16 · ood 320/600". */
const trialOf = (doing: string | null): string | null => doing?.split(' · ')[0] ?? null;

class ExperimentSweep implements EngineSweep {
  readonly #sweep: Sweep;
  readonly #parts: ExperimentParts;

  constructor(sweep: Sweep, parts: ExperimentParts) {
    this.#sweep = sweep;
    this.#parts = parts;
  }

  get file(): SweepFile {
    return this.#sweep.file;
  }

  get progress(): ReturnType<Sweep['document']>['progress'] {
    return this.#sweep.progress;
  }

  document(): ReturnType<Sweep['document']> {
    return this.#sweep.document();
  }

  async run({ signal, onProgress, onResult }: SweepWatch): ReturnType<EngineSweep['run']> {
    let trial: string | null = null;
    return this.#sweep.run(this.#parts.services(), {
      signal,
      onProgress: (progress) => {
        onProgress(progress);
        const now = trialOf(progress.doing);
        if (now === trial) return;
        trial = now;
        onResult();
      },
    });
  }

  async export(request: ExportTrial, watch: ExportWatch): Promise<Exported> {
    const result = this.#sweep.document().results.find(({ trial }) => trial.id === request.trial);
    if (!result) throw new PolarimeterError('usage', 'this sweep has no such trial', request.trial);
    return this.#parts.exportTrial(result.trial, request, { folder: this.#sweep.folder, watch });
  }

  [Symbol.dispose](): void {
    this.#sweep[Symbol.dispose]();
  }
}

/** Why a model cannot be converted, in words; null where it can. */
function obstacle(checkpoint: Checkpoint): string | null {
  try {
    planGguf(checkpoint, 'stored');
    return null;
  } catch (error) {
    if (error instanceof PolarimeterError) return error.message;
    throw error;
  }
}

function planned(file: SweepFile, services: SweepServices): SweepPlan {
  const target = services.openModel(file.target.path);
  const { readRecipe, confoundsOf } = services;
  const trials = planSweep(file, { target, readRecipe, confoundsOf });
  const problems = file.probes.map((probe) => services.readProbe(probe).problems.length);
  return { trials, estimate: estimateSweep(file, target, { trials: trials.length, problems, cached: 0 }) };
}

/** Sweeps of src-main/experiments as the lab needs them. */
export function experimentEngine(parts: ExperimentParts): SweepEngine {
  return {
    embedded: parts.embedded,
    obstacle,
    plan: async (file) => Promise.resolve(planned(file, parts.services())),
    create: (folder, file) => new ExperimentSweep(Sweep.create(folder, file, parts.services()), parts),
    open: (folder) => new ExperimentSweep(Sweep.open(folder), parts),
  };
}

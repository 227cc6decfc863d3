import type { Checkpoint } from '../contract/checkpoint.ts';
import type { EmbeddedAvailability } from '../contract/evaluator.ts';
import type { ExportProgress } from '../contract/exportState.ts';
import type {
  Exported,
  ExportTrial,
  SweepDocument,
  SweepFile,
  SweepPlan,
  SweepProgress,
} from '../contract/sweep.ts';

/** Who is told how a running sweep stands. */
export interface SweepWatch {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: SweepProgress) => void;
  /** A trial has begun or ended: the document is not what it was. */
  readonly onResult: () => void;
}

/** Who is told how far an export is. */
export interface ExportWatch {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ExportProgress) => void;
}

/** A sweep in its folder. */
export interface EngineSweep extends Disposable {
  readonly file: SweepFile;
  /** How it stands, whoever runs it; asked often. */
  readonly progress: SweepProgress;
  /** With all comparisons; asked once for each change. */
  document(): SweepDocument;
  /** Evaluates what is missing; ends with the last state, also when it was cancelled. fails sweep-busy, and as recipes, evaluators and probes do */
  run(watch: SweepWatch): Promise<SweepProgress>;
  /** Leaves nothing behind unless it ends well. fails output-exists disk-space source-folder recipe-not-expressible cancelled, and as recipes do */
  export(request: ExportTrial, watch: ExportWatch): Promise<Exported>;
}

/** What the lab needs of experiments; an argument so that tests can stand in for it. */
export interface SweepEngine {
  embedded(): Promise<EmbeddedAvailability>;
  /** Why a checkpoint cannot be evaluated on this machine; null where nothing is known against it. Headers and small files only. */
  obstacle(checkpoint: Checkpoint): string | null;
  /** fails sweep-invalid probe-invalid, and as opening checkpoints does */
  plan(file: SweepFile): Promise<SweepPlan>;
  create(folder: string, file: SweepFile): EngineSweep;
  open(folder: string): EngineSweep;
}

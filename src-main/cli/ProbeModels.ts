import type { EvaluatorChoice, GenerationSettings } from '../contract/evaluator.ts';
import type { Evaluator } from '../inference/Evaluator.ts';
import type { LimitOptions } from './runStudy.ts';
import type { ProgressLine } from './ProgressLine.ts';

/** A model that is ready to answer. */
export interface ProbedModel extends AsyncDisposable {
  /** What to call it where the user gave no label. */
  readonly title: string;
  readonly path: string;
  /** Content of the model, or what stands for it at a server. */
  readonly fingerprint: string;
  readonly evaluator: Evaluator;
}

/** Models that answer one after another: the one before is disposed before the next is loaded. */
export interface ProbeModels extends AsyncDisposable {
  /** A checkpoint or recipe; for a server, its name there. */
  load(path: string): Promise<ProbedModel>;
}

export interface ProbeModelsRequest {
  readonly settings: GenerationSettings;
  readonly limits: LimitOptions;
  readonly signal: AbortSignal;
  readonly line: ProgressLine;
}

export type OpenProbeModels = (choice: EvaluatorChoice, request: ProbeModelsRequest) => ProbeModels;

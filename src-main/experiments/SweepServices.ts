import type { Checkpoint } from '../contract/checkpoint.ts';
import type { EvaluatorChoice, GenerationSettings } from '../contract/evaluator.ts';
import type { Outcome, ProbeChoice } from '../contract/probe.ts';
import type { MadeTensor, Recipe } from '../contract/recipe.ts';
import type { Evaluator, ModelBench } from '../inference/Evaluator.ts';
import type { Probe } from '../probes/readProbe.ts';
import type { MakeOptions } from '../recipes/makeTensors.ts';

/** How far one checkpoint lies from another, over the tensors that both have. */
export interface Distance {
  /** Frobenius norm of the difference. */
  readonly norm: number;
  readonly tensors: number;
}

/** How far one module of one layer moved. */
export interface Drift {
  readonly layer: number;
  readonly module: string;
  /** Squared Frobenius norms, of the difference and of where it started. */
  readonly moved: number;
  readonly size: number;
}

/** How an evaluator's answers are asked for. */
export interface AnswerRequest {
  readonly settings: GenerationSettings;
  /** Answered before, by problem. */
  readonly known: ReadonlyMap<string, Outcome>;
  readonly signal: AbortSignal;
  readonly onOutcome: (outcome: Outcome) => void;
}

/**
 * What a sweep is done with; the real ones are in services.ts. Whoever runs a sweep gives them, so that it can be tested without a model.
 * All that takes a signal ends as `cancelled` soon after it.
 */
export interface SweepServices {
  /** A checkpoint or a recipe file, headers only. */
  readonly openModel: (path: string) => Checkpoint;
  /** Relative paths of its inputs begin in the folder. */
  readonly openRecipe: (recipe: Recipe, folder: string) => Checkpoint;
  /** A recipe file with absolute paths of its inputs. */
  readonly readRecipe: (path: string) => Recipe;
  /** Confounds of section 4.1 of the methods that apply to a recipe of the target, in words. */
  readonly confoundsOf: (recipe: Recipe, target: Checkpoint) => readonly string[];
  /** Computes what is missing of a recipe in the work folder. */
  readonly makeTensors: (
    checkpoint: Checkpoint,
    signal: AbortSignal,
    onTensor?: MakeOptions['onTensor'],
  ) => Promise<readonly MadeTensor[]>;
  /** Content of all tensors. */
  readonly modelFingerprint: (checkpoint: Checkpoint, signal: AbortSignal) => Promise<string>;
  /** After a trial: removes its made tensors where disk is short. */
  readonly tidy: (checkpoint: Checkpoint) => void;
  readonly distance: (from: Checkpoint, to: Checkpoint, signal: AbortSignal) => Promise<Distance>;
  /** Of the matrices of the layers. */
  readonly drift: (from: Checkpoint, to: Checkpoint, signal: AbortSignal) => Promise<readonly Drift[]>;
  readonly readProbe: (choice: ProbeChoice) => Probe;
  /** A place where the target and every recipe of it can be loaded. */
  readonly openBench: (
    target: Checkpoint,
    choice: Extract<EvaluatorChoice, { kind: 'embedded' }>,
    request: { readonly settings: GenerationSettings; readonly signal: AbortSignal },
  ) => Promise<ModelBench>;
  readonly openEndpoint: (choice: Extract<EvaluatorChoice, { kind: 'endpoint' }>) => Evaluator;
  /** The first of the problems of a probe, in its order. */
  readonly answerProbe: (
    evaluator: Evaluator,
    probe: Probe,
    request: AnswerRequest,
  ) => Promise<readonly Outcome[]>;
  /** Of this process, not backed by files. */
  readonly anonymousBytes: () => number | null;
}

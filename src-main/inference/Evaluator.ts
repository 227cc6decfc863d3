import type { Checkpoint } from '../contract/checkpoint.ts';
import type { Answer, EvaluatorInfo, GenerationSettings } from '../contract/evaluator.ts';

/** How far an evaluator has come. */
export interface AnswerOptions {
  readonly signal?: AbortSignal | undefined;
  /** As each one is there, in any order. */
  readonly onAnswer?: ((index: number, answer: Answer) => void) | undefined;
}

/** A model that answers. One call at a time. */
export interface Evaluator extends AsyncDisposable {
  readonly info: EvaluatorInfo;
  /**
   * One answer per prompt, in their order. Prompts are batched as `settings.batch` says, in order, whatever was asked before.
   * fails cancelled, context-too-short, and as its kind of evaluator does (see contract/experimentErrorKinds.ts)
   */
  answer(
    prompts: readonly string[],
    settings: GenerationSettings,
    options?: AnswerOptions,
  ): Promise<Answer[]>;
  /** Sum of log-probabilities of each continuation after the prompt, natural logarithm. fails not-supported where an endpoint gives none */
  score(prompt: string, continuations: readonly string[], settings: GenerationSettings): Promise<number[]>;
  /**
   * Log-probabilities over the whole vocabulary after every token of the text but the last, one array per position.
   * fails not-supported for endpoints
   */
  distributions(text: string): Promise<Float64Array[]>;
}

/** A place where one model after another is loaded: a converted model in a work folder, patched from recipe to recipe. */
export interface ModelBench extends AsyncDisposable {
  /**
   * Loads a checkpoint, or a recipe whose tensors are made, of the family and shapes that the bench was opened with: only tensors that differ from what lies there are written.
   * Dispose the evaluator before the next one.
   */
  load(checkpoint: Checkpoint, options: { readonly signal?: AbortSignal | undefined }): Promise<LoadedModel>;
}

export interface LoadedModel extends AsyncDisposable {
  readonly evaluator: Evaluator;
  readonly patched: { readonly tensors: number; readonly bytes: number; readonly seconds: number };
}

import type { LlamaModel } from 'node-llama-cpp';
import type { ModelConfig } from '../../contract/checkpoint.ts';
import type { EvaluatorChoice } from '../../contract/evaluator.ts';
import { bestThreads } from './bestThreads.ts';
import { EmbeddedEvaluator } from './EmbeddedEvaluator.ts';
import type { LlamaRuntime } from './llamaRuntime.ts';
import type { Encoder } from './promptTokens.ts';
import { checkCancelled, running } from './running.ts';

export type EmbeddedChoice = Extract<EvaluatorChoice, { kind: 'embedded' }>;

/** A converted model to be loaded. */
export interface ModelToLoad {
  readonly path: string;
  readonly runtime: LlamaRuntime;
  readonly choice: EmbeddedChoice;
  readonly config: ModelConfig | null;
  /** What prompts go through before they are tokenised. */
  readonly form: Encoder['form'];
  /** Tokens at which answers end. */
  readonly ends: readonly number[];
  /** Element types of the matrices, in words. */
  readonly weights: string;
  /** Null: measured. */
  readonly threads: number | null;
  readonly free: () => Promise<number>;
  readonly signal: AbortSignal | undefined;
}

export interface LoadedEmbedded extends AsyncDisposable {
  readonly evaluator: EmbeddedEvaluator;
  readonly threads: number;
}

/** fails inference-failed model-too-large cancelled */
export async function loadEmbedded(request: ModelToLoad): Promise<LoadedEmbedded> {
  const { runtime, choice, config } = request;
  const model = await loadModel(request);
  try {
    const threads = request.threads ?? (await bestThreads(model, runtime.llama.cpuMathCores));
    const limit = Math.min(choice.contextTokens ?? Infinity, model.trainContextSize);
    const info = { ...describe(request, threads), contextTokens: limit };
    const encoder = { model, form: request.form };
    const ends = new Set(request.ends);
    const evaluator = new EmbeddedEvaluator({
      encoder,
      ends,
      info,
      config,
      threads,
      limit,
      free: request.free,
    });
    return { evaluator, threads, [Symbol.asyncDispose]: () => dispose(evaluator, model) };
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

async function loadModel({ path, runtime, signal }: ModelToLoad): Promise<LlamaModel> {
  try {
    return await running('loading the model', () =>
      runtime.llama.loadModel({
        modelPath: path,
        gpuLayers: runtime.device === 'cpu' ? 0 : 'max',
        useMmap: true,
        ...(signal ? { loadSignal: signal } : {}),
      }),
    );
  } catch (error) {
    checkCancelled(signal);
    throw error;
  }
}

function describe({ runtime, weights }: ModelToLoad, threads: number) {
  const names = runtime.deviceNames.length > 0 ? ` (${runtime.deviceNames.join(', ')})` : '';
  return {
    kind: 'embedded',
    engine: runtime.engine,
    device: `${runtime.device}${names}`,
    threads,
    weights,
  } as const;
}

/** The file may be written again afterwards: nothing maps it any more. */
async function dispose(evaluator: EmbeddedEvaluator, model: LlamaModel): Promise<void> {
  await evaluator[Symbol.asyncDispose]();
  await model.dispose();
}

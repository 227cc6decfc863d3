import { assert } from '../base/assert.ts';
import type { Checkpoint } from '../contract/checkpoint.ts';
import type { GenerationSettings } from '../contract/evaluator.ts';
import { refuseSourceFolder } from '../study/studyFile.ts';
import { READ_TOKENS } from './embedded/createContext.ts';
import { loadRuntime } from './embedded/llamaRuntime.ts';
import type { LlamaRuntime } from './embedded/llamaRuntime.ts';
import { loadEmbedded } from './embedded/loadEmbedded.ts';
import type { EmbeddedChoice } from './embedded/loadEmbedded.ts';
import { checkMemory, contextBytes, freeMemory } from './embedded/memory.ts';
import { checkCancelled } from './embedded/running.ts';
import type { LoadedModel, ModelBench } from './Evaluator.ts';
import { planGguf } from './gguf/planGguf.ts';
import type { GgufPlan } from './gguf/planGguf.ts';
import type { WeightWriter } from './gguf/writeGguf.ts';
import { ModelFile } from './modelFile/ModelFile.ts';

export interface BenchRequest {
  readonly choice: EmbeddedChoice;
  /** What it will be asked with: the memory for it is checked before anything is written. */
  readonly settings: GenerationSettings;
  /** Of this bench alone; what lies in it is used again. */
  readonly folder: string;
  readonly kernels: WeightWriter;
  readonly signal?: AbortSignal | undefined;
  /** Of the conversion, from 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
  /** Free bytes of memory and of the folder's disk; absent: as the system says. */
  readonly freeMemory?: (() => number) | undefined;
  readonly freeDisk?: ((folder: string) => number) | undefined;
}

/** A prompt of a size that problems have; whether a longer one fits is checked when it is asked. */
const USUAL_PROMPT = 512;

/**
 * A place for models of one family in llama.cpp. The checkpoint is converted into the folder.
 * fails inference-missing model-unsupported tokenizer-missing tokenizer-unsupported model-too-large model-busy source-folder disk-space
 * disk-full write-failed cancelled
 */
export async function openBench(checkpoint: Checkpoint, request: BenchRequest): Promise<ModelBench> {
  refuseSourceFolder(request.folder, [checkpoint]);
  const plan = planGguf(checkpoint, request.choice.weights);
  const runtime = await loadRuntime(request.choice.device);
  await checkSize(checkpoint, plan, { runtime, request });
  const file = await ModelFile.open(request.folder, request.freeDisk);
  try {
    const { kernels, signal, onProgress } = request;
    await file.bring(plan, { kernels, signal, onProgress });
    return new Bench(file, runtime, request);
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

interface Place {
  readonly runtime: LlamaRuntime;
  readonly request: BenchRequest;
}

const freeOf = async ({ runtime, request }: Place): Promise<number> => {
  if (request.freeMemory) return request.freeMemory();
  return runtime.device === 'cpu' ? freeMemory() : (await runtime.llama.getVramState()).free;
};

async function checkSize({ config }: Checkpoint, plan: GgufPlan, place: Place): Promise<void> {
  const { batch, maxTokens } = place.request.settings;
  const tokens = Math.min(place.request.choice.contextTokens ?? Infinity, maxTokens + USUAL_PROMPT);
  const context = contextBytes(config, { lanes: batch, tokens, batch: READ_TOKENS });
  checkMemory({ weights: plan.bytes, context }, await freeOf(place));
}

/** Element types of the weights, the most frequent by bytes first. */
function weightsOf({ tensors }: GgufPlan): string {
  const bytes = new Map<string, number>();
  for (const tensor of tensors) bytes.set(tensor.dtype, (bytes.get(tensor.dtype) ?? 0) + tensor.bytes);
  return [...bytes]
    .sort(([, a], [, b]) => b - a)
    .map(([dtype]) => dtype)
    .join(' + ');
}

class Bench implements ModelBench {
  readonly #file: ModelFile;
  readonly #runtime: LlamaRuntime;
  readonly #request: BenchRequest;
  #threads: number | null;
  #isLoaded = false;

  constructor(file: ModelFile, runtime: LlamaRuntime, request: BenchRequest) {
    this.#file = file;
    this.#runtime = runtime;
    this.#request = request;
    this.#threads = request.choice.threads;
  }

  async load(
    checkpoint: Checkpoint,
    { signal }: { readonly signal?: AbortSignal | undefined },
  ): Promise<LoadedModel> {
    // llama.cpp maps the file: what it computes with must not change under it.
    assert(!this.#isLoaded, 'the model before is disposed');
    this.#isLoaded = true;
    try {
      return await this.#load(checkpoint, signal);
    } catch (error) {
      this.#isLoaded = false;
      throw error;
    }
  }

  async #load(checkpoint: Checkpoint, signal: AbortSignal | undefined): Promise<LoadedModel> {
    checkCancelled(signal);
    const place = { runtime: this.#runtime, request: this.#request };
    const { choice, kernels } = this.#request;
    const plan = planGguf(checkpoint, choice.weights);
    await checkSize(checkpoint, plan, place);
    const patched = await this.#file.bring(plan, { kernels, signal });
    const loaded = await loadEmbedded({
      path: this.#file.path,
      runtime: this.#runtime,
      choice,
      config: checkpoint.config,
      form: plan.prompt,
      ends: plan.ends,
      weights: weightsOf(plan),
      threads: this.#threads,
      free: () => freeOf(place),
      signal,
    });
    this.#threads = loaded.threads;
    const dispose = async (): Promise<void> => {
      await loaded[Symbol.asyncDispose]();
      this.#isLoaded = false;
    };
    return { evaluator: loaded.evaluator, patched, [Symbol.asyncDispose]: dispose };
  }

  [Symbol.asyncDispose](): Promise<void> {
    assert(!this.#isLoaded, 'the model is disposed before its bench');
    this.#file[Symbol.dispose]();
    return Promise.resolve();
  }
}

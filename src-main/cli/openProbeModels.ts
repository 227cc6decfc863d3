import process from 'node:process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { EvaluatorChoice } from '../contract/evaluator.ts';
import type { EndpointChoice } from '../inference/endpoint/openEndpoint.ts';
import { openEndpoint } from '../inference/endpoint/openEndpoint.ts';
import type { ModelBench } from '../inference/Evaluator.ts';
import { openBench } from '../inference/openBench.ts';
import { Kernels } from '../kernels/Kernels.ts';
import { modelFingerprint } from '../recipes/modelFingerprint.ts';
import { openModel } from '../recipes/openModel.ts';
import { workFolder } from '../recipes/workFolder.ts';
import { makeModel } from './makeModel.ts';
import type { OpenProbeModels, ProbedModel, ProbeModels, ProbeModelsRequest } from './ProbeModels.ts';
import { limitsFrom } from './runStudy.ts';

type EmbeddedChoice = Extract<EvaluatorChoice, { kind: 'embedded' }>;

/** Checkpoints and recipes in llama.cpp, or models of a server by name. */
export const openProbeModels: OpenProbeModels = (choice, request) =>
  choice.kind === 'endpoint' ? new ServedModels(choice) : new EmbeddedModels(choice, request);

class ServedModels implements ProbeModels {
  readonly #choice: EndpointChoice;

  constructor(choice: EndpointChoice) {
    this.#choice = choice;
  }

  load(model: string): Promise<ProbedModel> {
    const evaluator = openEndpoint({ ...this.#choice, model }, process.env);
    const { url } = this.#choice;
    return Promise.resolve({
      title: model,
      path: url,
      // What a server runs under a name is not known: the address and the name stand for it.
      fingerprint: createHash('sha256')
        .update(JSON.stringify([url, model]))
        .digest('hex')
        .slice(0, 32),
      evaluator,
      [Symbol.asyncDispose]: () => evaluator[Symbol.asyncDispose](),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** The converted model of probes in the work folder: the next model changes the weights that differ. */
const BENCH = join('models', 'probe');

class EmbeddedModels implements ProbeModels {
  readonly #choice: EmbeddedChoice;
  readonly #request: ProbeModelsRequest;
  readonly #kernels: Kernels;
  #bench: ModelBench | null = null;

  constructor(choice: EmbeddedChoice, request: ProbeModelsRequest) {
    this.#choice = choice;
    this.#request = request;
    this.#kernels = new Kernels({ threads: limitsFrom(request.limits).threads });
  }

  async load(path: string): Promise<ProbedModel> {
    const { limits, signal, line, settings } = this.#request;
    const checkpoint = openModel(path);
    await makeModel(checkpoint, this.#kernels, { limits: limitsFrom(limits), signal, line });
    const fingerprint = await modelFingerprint(checkpoint, this.#kernels, { signal });
    this.#bench ??= await openBench(checkpoint, {
      choice: this.#choice,
      settings,
      folder: join(workFolder(), BENCH),
      kernels: this.#kernels,
      signal,
      onProgress: (share) => line.show(() => `converting ${checkpoint.title}: ${Math.floor(100 * share)} %`),
    });
    const loaded = await this.#bench.load(checkpoint, { signal });
    line.clear();
    return {
      title: checkpoint.title,
      path: checkpoint.path,
      fingerprint,
      evaluator: loaded.evaluator,
      [Symbol.asyncDispose]: () => loaded[Symbol.asyncDispose](),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bench?.[Symbol.asyncDispose]();
    this.#kernels[Symbol.dispose]();
  }
}

import process from 'node:process';
import { createHash } from 'node:crypto';
import { PolarimeterError } from '../contract/errors.ts';
import type { EndpointChoice } from '../inference/endpoint/openEndpoint.ts';
import { openEndpoint } from '../inference/endpoint/openEndpoint.ts';
import type { OpenProbeModels, ProbedModel, ProbeModels } from './ProbeModels.ts';

/** Models of a server by name, or checkpoints and recipes in llama.cpp. */
export const openProbeModels: OpenProbeModels = (choice) => {
  if (choice.kind === 'endpoint') return Promise.resolve(serverModels(choice));
  return Promise.reject(
    new PolarimeterError('inference-missing', 'models cannot be run in this process yet'),
  );
};

function serverModels(choice: EndpointChoice): ProbeModels {
  return {
    load: (model): Promise<ProbedModel> => {
      const evaluator = openEndpoint({ ...choice, model }, process.env);
      // What a server runs under a name is not known: the address and the name stand for it.
      const fingerprint = createHash('sha256')
        .update(JSON.stringify([choice.url, model]))
        .digest('hex')
        .slice(0, 32);
      return Promise.resolve({
        label: model,
        path: choice.url,
        fingerprint,
        evaluator,
        [Symbol.asyncDispose]: () => evaluator[Symbol.asyncDispose](),
      });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

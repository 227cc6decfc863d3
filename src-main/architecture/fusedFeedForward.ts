import type { ModelConfig } from '../contract/checkpoint.ts';
import type { Splitting } from './linearOutputs.ts';
import { consecutive } from './linearOutputs.ts';
import { modelTypeOf } from './modelTypeOf.ts';

/** Models that chunk the layer in two, the gate first: Phi3MLP and GlmMLP of transformers, MLP of ChatGLM. */
const MODELS = new Map([
  ['gate_up_proj', /^(?:phi-?[34]|glm)/],
  ['dense_h_to_4h', /^chatglm/],
]);

/**
 * How a layer that makes gate and up projection in one comes apart; null for any other module, the reason in words where
 * config.json and the shape do not agree on one way.
 */
export function fusedFeedForward(
  module: string,
  shape: readonly number[],
  config: ModelConfig | null,
): Splitting | null {
  const models = MODELS.get(module);
  if (!models) return null;
  const type = modelTypeOf(config);
  if (!models.test(type)) {
    return module === 'gate_up_proj'
      ? `the order of its outputs is not known for model type "${type}"`
      : null;
  }
  const inner = config?.intermediateSize ?? null;
  const hasInputs = shape.length === 1 || (shape.length === 2 && shape[1] === config?.hiddenSize);
  if (inner === null || shape[0] !== 2 * inner || !hasInputs) {
    return `its shape [${shape.join(', ')}] is not twice the intermediate size of config.json`;
  }
  const parts = consecutive([
    ['gate_proj', inner],
    ['up_proj', inner],
  ]);
  return { parts, axis: 'rows' };
}

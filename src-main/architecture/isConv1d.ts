import type { ModelConfig } from '../contract/checkpoint.ts';
import { modelTypeOf } from './modelTypeOf.ts';

const CONV1D = /(?:^|\.)(?:c_attn|c_proj|c_fc|q_attn)(?:\.base_layer)?\.weight$/;

/** Whether a matrix belongs to a Conv1D of GPT-2, which stores (inputs, outputs). */
export function isConv1d(name: string, config: ModelConfig | null): boolean {
  return modelTypeOf(config).startsWith('gpt2') && CONV1D.test(name);
}

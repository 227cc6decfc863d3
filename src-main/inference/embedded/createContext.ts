import type { LlamaContext, LlamaModel } from 'node-llama-cpp';
import { running } from './running.ts';

/** Tokens of a prompt that are read in one go. */
export const READ_TOKENS = 512;

export interface ContextRequest {
  readonly lanes: number;
  /** Of each lane. */
  readonly tokens: number;
  readonly threads: number;
  /** When queued tokens are computed; absent: at once. */
  readonly schedule?: ((dispatch: () => void) => void) | undefined;
}

/**
 * Keys and values are float32 and attention is not the fused kind, which rounds them to float16 on the processor: answers of a tiny model
 * changed in 10 of 600 with it. fails model-too-large inference-failed
 */
export async function createContext(
  model: LlamaModel,
  { lanes, tokens, threads, schedule = setImmediate }: ContextRequest,
): Promise<LlamaContext> {
  return await running('making a context', () =>
    model.createContext({
      sequences: lanes,
      // One token is always kept free.
      contextSize: tokens + 2,
      batchSize: READ_TOKENS,
      threads,
      flashAttention: false,
      experimentalKvCacheKeyType: 'F32',
      experimentalKvCacheValueType: 'F32',
      swaFullCache: true,
      batching: { dispatchSchedule: schedule, itemPrioritizationStrategy: 'firstInFirstOut' },
      failedCreationRemedy: false,
    }),
  );
}

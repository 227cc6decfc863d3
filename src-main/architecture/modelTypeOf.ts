import type { ModelConfig } from '../contract/checkpoint.ts';

/** The model type of config.json, or else its class, in lower case without underscores; empty where it has neither. */
export function modelTypeOf(config: ModelConfig | null): string {
  return (config?.modelType ?? config?.architecture ?? '').toLowerCase().replaceAll('_', '');
}

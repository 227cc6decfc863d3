import type { ModelConfig } from '../contract/checkpoint.ts';

/** A line of models that share the names of their tensors. */
export interface ModelFamily {
  readonly id: string;
  readonly title: string;
  /** Matches model_type, or the beginning of the class name in lower case. */
  readonly matches: RegExp;
  /** Whether the output head shares the embedding when config.json does not say. */
  readonly tiedByDefault: boolean;
}

/** Every family that is known by name; the defaults are those of the configuration classes in transformers. */
const MODEL_FAMILIES: readonly ModelFamily[] = [
  { id: 'gemma3', title: 'Gemma 3', matches: /^gemma3/, tiedByDefault: true },
  { id: 'gemma2', title: 'Gemma 2', matches: /^gemma2/, tiedByDefault: true },
  { id: 'gemma', title: 'Gemma', matches: /^gemma(?!\d)/, tiedByDefault: true },
  { id: 'qwen3', title: 'Qwen3', matches: /^qwen3/, tiedByDefault: false },
  { id: 'qwen2', title: 'Qwen2', matches: /^qwen2/, tiedByDefault: false },
  { id: 'mistral', title: 'Mistral', matches: /^mi(?:s|x)tral/, tiedByDefault: false },
  { id: 'llama', title: 'Llama', matches: /^llama/, tiedByDefault: false },
];

/** Stands for every model that is understood by the names of its tensors alone. */
const GENERIC_FAMILY: ModelFamily = {
  id: 'generic',
  title: 'unknown family, read by tensor names',
  matches: /(?!)/,
  tiedByDefault: false,
};

/** The family that config.json names, by model_type or else by class. */
export function modelFamily(config: ModelConfig | null): ModelFamily {
  const names = [config?.modelType, config?.architecture].map((name) => (name ?? '').toLowerCase());
  for (const name of names) {
    const family = MODEL_FAMILIES.find(({ matches }) => matches.test(name));
    if (family) return family;
  }
  return GENERIC_FAMILY;
}

import type { EvaluatorChoice, GenerationSettings } from '../../src-main/contract/evaluator.ts';

export const DEVICES = ['auto', 'cpu', 'cuda', 'metal', 'vulkan'] as const;
export const WEIGHTS = ['stored', 'F32', 'F16', 'BF16'] as const;

/** Short answers with one number or line at the end. */
const USUAL: GenerationSettings = {
  temperature: 0,
  topP: 1,
  maxTokens: 64,
  stop: [],
  seed: 42,
  template: 'none',
  batch: 16,
};

const isUrl = (text: string): boolean => {
  try {
    return /^https?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
};

/** Who answers, and how: everything that decides what is answered. */
export class EvaluatorDraft {
  /** Off unless the user turns to it: the problems then leave this process. */
  kind = $state<EvaluatorChoice['kind']>('embedded');
  device = $state<(typeof DEVICES)[number]>('cpu');
  weights = $state<(typeof WEIGHTS)[number]>('stored');
  url = $state('');
  model = $state('');
  api = $state<'completions' | 'chat'>('completions');
  keyVariable = $state('');
  maxTokens = $state<number | null>(null);
  batch = $state<number | null>(null);
  template = $state<GenerationSettings['template']>('none');
  temperature = $state<number | null>(null);
  seed = $state<number | null>(null);

  readonly error: string | null = $derived.by(() => {
    if (this.kind === 'embedded') return null;
    if (!isUrl(this.url)) return 'the address must begin with http:// or https://';
    if (this.model.trim() === '') return 'name the model as the server calls it';
    return this.keyVariable === '' || /^[A-Z_][A-Z0-9_]*$/.test(this.keyVariable)
      ? null
      : 'the name of a variable has capital letters, digits and _';
  });

  readonly choice: EvaluatorChoice = $derived.by(() =>
    this.kind === 'embedded'
      ? {
          kind: 'embedded',
          device: this.device,
          threads: null,
          weights: this.weights,
          contextTokens: null,
        }
      : {
          kind: 'endpoint',
          url: this.url,
          model: this.model.trim(),
          api: this.api,
          keyVariable: this.keyVariable === '' ? null : this.keyVariable,
          timeoutSeconds: 120,
          retries: 4,
        },
  );

  readonly #first: GenerationSettings;
  readonly settings: GenerationSettings = $derived.by(() => ({
    ...this.#first,
    temperature: this.temperature ?? this.#first.temperature,
    maxTokens: this.maxTokens ?? this.#first.maxTokens,
    seed: this.seed ?? this.#first.seed,
    template: this.template,
    batch: this.batch ?? this.#first.batch,
  }));

  /** @param first what the form begins with, and what an empty field means */
  constructor(first: GenerationSettings | null) {
    this.#first = first ?? USUAL;
    ({
      maxTokens: this.maxTokens,
      batch: this.batch,
      template: this.template,
      temperature: this.temperature,
      seed: this.seed,
    } = this.#first);
  }
}

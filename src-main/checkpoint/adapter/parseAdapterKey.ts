/** What a tensor of an adapter file is, told by its name. */
export interface AdapterKey {
  /** Dotted name of the module in the model that was trained, without the wrappers of PEFT. */
  readonly module: string;
  /**
   * up and down: the matrices B and A of a linear module; embedding-up and embedding-down: those of an embedding;
   * update-bias: a bias that B has of its own; whole: the module's parameter itself; beyond: belongs to a method that is
   * more than a low-rank sum; copy: an untouched copy of the base's weights.
   */
  readonly part:
    'up' | 'down' | 'embedding-up' | 'embedding-down' | 'update-bias' | 'whole' | 'beyond' | 'copy';
  /** Name of the parameter in its module, "weight" or "bias" as a rule. */
  readonly parameter: string;
  /** Name of the adapter where the file keeps it, e.g. "default"; else null. */
  readonly adapter: string | null;
}

type Part = AdapterKey['part'];

/** Parts of names that trainers put around modules and that name nothing of the model. */
const TRANSPARENT = new Set(['_orig_mod', '_fsdp_wrapped_module', '_checkpoint_wrapped_module']);
const MATRICES: Readonly<Record<string, Part>> = {
  lora_A: 'down',
  lora_B: 'up',
  lora_embedding_A: 'embedding-down',
  lora_embedding_B: 'embedding-up',
};
/** DoRA, AdaLoRA, trained tokens and adapters that are no LoRA. */
const BEYOND =
  /^(?:lora_magnitude_vector|lora_E|lora_ranknum|token_adapter|trainable_tokens_\w+|(?:hada|lokr|oft|boft|vera|ia3|shira|hra|bone)_\w+)$/;
const DEFAULT_ADAPTER = 'default';

function withoutRoot(segments: readonly string[]): readonly string[] {
  if (segments[0] !== 'base_model') return segments;
  return segments.slice(segments[1] === 'model' ? 2 : 1);
}

/** The rest of a name behind lora_A and the like: [weight], [name, weight]; for embeddings [], [name]. */
function matrixKey(module: readonly string[], matrix: string, rest: readonly string[]): AdapterKey | null {
  const isEmbedding = matrix.startsWith('lora_embedding');
  const parameter = isEmbedding ? 'weight' : rest.at(-1);
  const names = isEmbedding ? rest : rest.slice(0, -1);
  if (names.length > 1 || module.length === 0) return null;
  const found = { module: module.join('.'), parameter: 'weight', adapter: names[0] ?? null };
  // LoRA around LoRA is how PEFT writes updates of parameters that are not the weight of their module.
  if (module.includes('base_layer')) return { ...found, part: 'beyond' };
  const part = MATRICES[matrix];
  if (part !== undefined && parameter === 'weight') return { ...found, part };
  if (matrix === 'lora_B' && parameter === 'bias') return { ...found, part: 'update-bias', parameter };
  return null;
}

function wholeKey(segments: readonly string[]): AdapterKey | null {
  const parameter = segments.at(-1) ?? '';
  const at = segments.indexOf('modules_to_save');
  const adapter = at >= 0 && segments[at + 1] === DEFAULT_ADAPTER ? DEFAULT_ADAPTER : null;
  const path = segments
    .slice(0, -1)
    .filter((segment, i) => i !== at && !(adapter !== null && i === at + 1) && segment !== 'base_layer')
    .filter((segment) => segment !== 'original_module');
  if (path.length === 0 || path.includes('') || parameter === '') return null;
  const part = segments.includes('original_module') ? 'copy' : 'whole';
  return { module: path.join('.'), part, parameter, adapter };
}

/** Takes the name of a tensor in an adapter file apart; null when no adapter of PEFT is written so. */
export function parseAdapterKey(name: string): AdapterKey | null {
  const segments = withoutRoot(name.split('.').filter((segment) => !TRANSPARENT.has(segment)));
  if (segments.some((segment) => segment === '')) return null;
  const beyond = segments.findLastIndex((segment) => BEYOND.test(segment));
  if (beyond > 0) {
    return {
      module: segments.slice(0, beyond).join('.'),
      part: 'beyond',
      parameter: 'weight',
      adapter: null,
    };
  }
  const at = segments.findLastIndex((segment) => Object.hasOwn(MATRICES, segment));
  if (at < 0) return wholeKey(segments);
  return matrixKey(segments.slice(0, at), segments[at] ?? '', segments.slice(at + 1));
}

/** The parts of a tensor's name. */
export interface TensorPath {
  /** Transformer layer; null outside the layers of the language model. */
  readonly layer: number | null;
  /** Names from the root to the module, without numbers and wrappers, e.g. ["model", "layers", "self_attn", "q_proj"]. */
  readonly modules: readonly string[];
  /** "weight", "bias", or another last part that names a parameter of its module. */
  readonly parameter: string;
  /** Routed expert; null outside routed experts. */
  readonly expert: number | null;
  /** Part of an image or sound encoder, whose layers are not those of the language model. */
  readonly isForeign: boolean;
}

const LAYER_LISTS = new Set(['layers', 'layer', 'h', 'blocks', 'block', 'decoder_layers', 'encoder_layers']);
const FOREIGN = /(?:^|_)(?:vision|visual|vit|image|audio|speech|video)/;
/** Parts that wrappers put into names and that say nothing about the model. */
export const WRAPPERS: ReadonlySet<string> = new Set([
  '_orig_mod',
  'module',
  'base_layer',
  '_fsdp_wrapped_module',
  '_checkpoint_wrapped_module',
]);
const PARAMETER =
  /^(?:weight|bias|gamma|beta|q?weight_.*|qweight|qzeros|scales|g_idx|zero_point|.*_(?:scale|scale_inv)|SCB|absmax)$/;
/** Weight and bias of a norm as TensorFlow calls them. */
const PARAMETER_NAMES = new Map([
  ['gamma', 'weight'],
  ['beta', 'bias'],
]);
const NUMBER = /^\d{1,6}$/;

function layerOf(parts: readonly string[]): number | null {
  const list = parts.findIndex((part, i) => LAYER_LISTS.has(part) && NUMBER.test(parts[i + 1] ?? ''));
  return list >= 0 && list + 2 < parts.length ? Number(parts[list + 1]) : null;
}

/** Shared experts are called otherwise: every token passes through them. */
function expertOf(parts: readonly string[]): number | null {
  const list = parts.findLastIndex((part, i) => part === 'experts' && NUMBER.test(parts[i + 1] ?? ''));
  return list >= 0 && list + 2 < parts.length ? Number(parts[list + 1]) : null;
}

/** Takes a name like "model.layers.3.self_attn.q_proj.weight" apart. The first numbered list of layers counts. */
export function tensorPath(name: string): TensorPath {
  const parts = name.split('.').filter((part) => !WRAPPERS.has(part));
  const last = parts.at(-1) ?? name;
  const hasParameter = parts.length > 1 && PARAMETER.test(last);
  const modules = (hasParameter ? parts.slice(0, -1) : parts).filter((part) => !NUMBER.test(part));
  const isForeign = modules.some((part) => FOREIGN.test(part));
  return {
    layer: isForeign ? null : layerOf(parts),
    modules: modules.length > 0 ? modules : [name],
    parameter: hasParameter ? (PARAMETER_NAMES.get(last) ?? last) : 'weight',
    expert: isForeign ? null : expertOf(parts),
    isForeign,
  };
}

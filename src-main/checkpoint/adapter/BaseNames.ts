import type { TensorInfo } from '../../contract/checkpoint.ts';

/** Parts that classes around the language model put in front of its names. */
const WRAPPERS = new Set(['base_model', 'model', 'module', 'language_model', 'transformer', 'gpt_neox']);
/** Parts that name nothing of the model, wherever they stand. */
const TRANSPARENT = new Set([
  '_orig_mod',
  '_fsdp_wrapped_module',
  '_checkpoint_wrapped_module',
  'base_layer',
]);

function core(name: string): string {
  const parts = name.split('.').filter((part) => !TRANSPARENT.has(part));
  const start = parts.findIndex((part) => !WRAPPERS.has(part));
  return parts.slice(Math.max(0, start)).join('.');
}

/** Finds the tensors of a model by the names that another class around the same model gives them. */
export class BaseNames {
  readonly #exact: ReadonlyMap<string, TensorInfo>;
  readonly #byCore: ReadonlyMap<string, readonly TensorInfo[]>;

  constructor(tensors: readonly TensorInfo[]) {
    this.#exact = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    this.#byCore = Map.groupBy(tensors, ({ name }) => core(name));
  }

  /** Tensors that a name can mean: the one of this very name, else all that differ in wrappers alone. */
  find(name: string): readonly TensorInfo[] {
    const exact = this.#exact.get(name);
    return exact ? [exact] : (this.#byCore.get(core(name)) ?? []);
  }
}

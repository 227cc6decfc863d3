export const ADAPTER_CONFIG = 'adapter_config.json';
/** Files that may hold the weights of an adapter, in the order in which PEFT looks for them. */
export const ADAPTER_WEIGHTS = ['adapter_model.safetensors', 'adapter_model.bin'];

/** Whether a folder of these names holds a PEFT adapter. Weights of a whole model beside it are not looked at. */
export function isAdapterFolder(names: readonly string[]): boolean {
  return names.includes(ADAPTER_CONFIG) && ADAPTER_WEIGHTS.some((name) => names.includes(name));
}

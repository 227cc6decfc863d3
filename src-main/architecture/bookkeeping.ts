/** Last name parts of tensors that quantisers and layers store beside the parameters. */
const LAST_PARTS = new Set([
  'weight_scale',
  'weight_scale_2',
  'weight_scale_inv',
  'weight_global_scale',
  'weight_zero_point',
  'weight_shape',
  'weight_g_idx',
  'weight_format',
  'input_scale',
  'input_global_scale',
  'input_zero_point',
  'output_scale',
  'activation_scale',
  'activation_scale_inv',
  'k_scale',
  'v_scale',
  'scales',
  'qzeros',
  'g_idx',
  'zero_point',
  'zeros',
  'absmax',
  'nested_absmax',
  'quant_map',
  'nested_quant_map',
  'SCB',
  'inv_freq',
  'original_inv_freq',
  'cos_cached',
  'sin_cached',
  'position_ids',
  'masked_bias',
  'causal_mask',
  'rel_pos_index',
  'running_mean',
  'running_var',
  'num_batches_tracked',
]);

/** Experts that are stored together have no ".weight"; their scales are named after the projection. */
const SCALE_OF_EXPERTS = /_proj_(?:scales?|scale_inv|input_scale)$/;

/** Whether a tensor is a scale, an index or a buffer of its layer rather than a parameter, judged by its name and shape. */
export function isBookkeeping(name: string, shape: readonly number[]): boolean {
  const parts = name.split('.');
  const last = parts.at(-1) ?? '';
  if (LAST_PARTS.has(last) || SCALE_OF_EXPERTS.test(last) || parts.includes('quant_state')) return true;
  // GPT-2 stores its causal mask [1, 1, n, n] under the name of a bias.
  return /(?:^|\.)attn\.(?:attention\.)?bias$/.test(name) && shape.length === 4;
}

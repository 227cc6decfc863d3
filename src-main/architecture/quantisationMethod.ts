import type { TensorInfo } from '../contract/checkpoint.ts';

interface Method {
  readonly title: string;
  /** How the name of the packed tensor ends, and how those end that stand beside it in its place. */
  readonly ending: string;
  readonly beside: readonly string[];
  readonly dtypes?: readonly string[];
}

/** Ways of packing weights that are listed, not computed with; the first that fits names the method. */
const METHODS: readonly Method[] = [
  { title: 'GPTQ', ending: '.qweight', beside: ['.qzeros', '.g_idx'] },
  { title: 'AWQ', ending: '.qweight', beside: ['.qzeros'] },
  { title: 'bitsandbytes NF4', ending: '.weight', beside: ['.weight.quant_state.bitsandbytes__nf4'] },
  { title: 'bitsandbytes FP4', ending: '.weight', beside: ['.weight.quant_state.bitsandbytes__fp4'] },
  { title: 'bitsandbytes LLM.int8()', ending: '.weight', beside: ['.SCB'] },
  { title: 'NVFP4', ending: '.weight', beside: ['.weight_scale', '.weight_scale_2'], dtypes: ['U8'] },
  { title: 'compressed-tensors', ending: '.weight_packed', beside: ['.weight_scale'] },
  { title: 'compressed-tensors', ending: '.weight', beside: ['.weight_scale'], dtypes: ['I8'] },
  { title: 'MXFP4', ending: '_blocks', beside: ['_scales'], dtypes: ['U8'] },
];

/** The method that packed the weights of a tensor, told by what is stored beside it; null where nothing tells. */
export function quantisationMethod(
  { name, dtype }: TensorInfo,
  stored: ReadonlyMap<string, unknown>,
): string | null {
  const method = METHODS.find(({ ending, beside, dtypes }) => {
    const place = name.endsWith(ending) ? name.slice(0, -ending.length) : null;
    const isOfType = dtypes?.includes(dtype) ?? true;
    return place !== null && isOfType && beside.every((end) => stored.has(`${place}${end}`));
  });
  return method?.title ?? null;
}

import type { MeasureInfo } from '../../src-main/contract/measure.ts';
import type { Row } from '../../src-main/contract/rows.ts';

/** A row of a tensor of q_proj of layer 0, with parts replaced. */
export function row(replaced: Partial<Row> = {}): Row {
  return {
    variant: 'sft',
    role: 'sft',
    reference: 'base',
    level: 'tensor',
    tensor: 'model.layers.0.self_attn.q_proj.weight',
    layer: 0,
    module: 'q_proj',
    measure: 'update.norm',
    value: 1,
    unit: 'weight',
    baseline: null,
    method: 'element_pass (cpu)',
    parameters: {},
    dtype: 'BF16',
    source: 'own definition',
    tensors: 1,
    spread: null,
    residual: null,
    reason: null,
    ...replaced,
  };
}

export function measure(replaced: Partial<MeasureInfo> = {}): MeasureInfo {
  return {
    id: 'update.norm',
    version: 1,
    group: 'B2',
    title: 'Update norm',
    formula: '|dW|_F',
    meaning: 'How far the weights moved.',
    parameters: {},
    unit: 'weight',
    optional: false,
    normMatched: 'value',
    baseline: null,
    aggregation: 'root-sum-square',
    arity: 'variant',
    headline: true,
    scope: 'all-parameters',
    complement: null,
    sources: [{ arxiv: null, where: 'own definition' }],
    ...replaced,
  };
}

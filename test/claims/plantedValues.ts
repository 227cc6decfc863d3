import type { Verdict } from '../../src-main/contract/claim.ts';
import type { Pair, Planted, Run } from './syntheticRows.ts';

export type Values = Run['values'];

/** Values of the last checkpoints of RL and SFT runs, and the verdict that they make. */
export interface Case {
  readonly claim: string;
  readonly verdict: Verdict;
  readonly why: string;
  readonly rl?: readonly Values[];
  readonly sft?: readonly Values[];
  readonly pairs?: readonly Pair[];
}

export const BF16 = 'update.unchanged.bf16';
export const NATIVE = 'update.unchanged.native';
export const COARSE = 'update.unchanged.within-1e-5';
export const FINE = 'update.unchanged.within-1e-8';
export const NORM = 'update.relative-norm';
export const NSS = 'spectrum.nss';
export const VALUES = 'spectrum.value-change';

/** Above the given value in the first `count` of 30 tensors, below it in the others. */
export const split =
  (value: number, count: number): NonNullable<Planted['of']> =>
  (index) =>
    value + (index < count ? 1e-3 : -1e-3);

export const against = (measure: string, value: number, baseline: number, count?: number): Values => ({
  [measure]: { value, baseline, ...(count === undefined ? {} : { of: split(baseline, count) }) },
});
export const masks = (name: string, value: number, overIsotropic?: number): Values => ({
  ...against(`masks.${name}`, value, 0.3),
  ...(overIsotropic === undefined
    ? {}
    : { [`masks.${name}.over-isotropic`]: { value: overIsotropic, baseline: 1 } }),
});
export const unchanged = (value: number, baseline: number, more: Values = {}): Values => ({
  [BF16]: { value, baseline },
  [COARSE]: value,
  ...more,
});
export const angles = (value: number, norm: number): Values => ({
  'angles.left.max': value,
  'angles.right.max': value,
  'angles.left.median': value,
  'angles.right.median': value,
  [NORM]: norm,
});
export const stripes = (along: number, across: number): Values => {
  const axis =
    (rows: number, columns: number): NonNullable<Planted['of']> =>
    (_, module) =>
      module === 'o_proj' ? columns : rows;
  return {
    'stripes.rows': { value: along, of: axis(along, across) },
    'stripes.columns': { value: across, of: axis(across, along) },
  };
};
export const norms = (value: number, model: number): Values => ({
  [BF16]: {
    value: model,
    baseline: model,
    of: (_, module) => (module === 'input_layernorm' ? value : model),
  },
});
export const geometry = (u: number, p: number, low: number, angle: number, nss: number): Values => ({
  [BF16]: u,
  'masks.principal': p,
  'masks.low': low,
  'angles.left.median': angle,
  [NSS]: nss,
});
export const pair = (measure: string, value: number, baseline: number, a = 'rl0', b = 'rl1'): Pair => ({
  a,
  b,
  measure,
  value,
  baseline,
});
/** Two runs without values of their own. */
export const two: readonly Values[] = [{}, {}];

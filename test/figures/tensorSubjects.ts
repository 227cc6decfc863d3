import type { Curve, Row } from '../../src-main/contract/rows.ts';
import type { FigureTheme } from '../../src-main/figures/figureTheme.ts';
import type { TensorSubject } from '../../src-main/figures/tensorSubject.ts';
import { variantStyles } from '../../src-main/figures/variantStyle.ts';
import { row } from './rows.ts';

export const THEME: FigureTheme = {
  ink: '#000000',
  mutedInk: '#666666',
  rule: '#dddddd',
  paper: '#ffffff',
  fontFamily: 'Inter',
  fontSize: 12,
};

const NAME = 'model.layers.0.self_attn.q_proj.weight';

export function curve(variant: string, name: string, values: Curve['values'], reference = 'base'): Curve {
  return { variant, reference, tensor: NAME, name, unit: 'weight', headSize: null, values };
}

export function value(variant: string, measure: string, number: number, about: Partial<Row> = {}): Row {
  return row({ variant, measure, value: number, method: 'svd_gram_f64 (cpu)', residual: 2e-13, ...about });
}

/** A 12 x 8 matrix of sft and of rl, which was trained from sft; parts can be replaced. */
export function subject(replaced: Partial<TensorSubject> = {}): TensorSubject {
  return {
    name: NAME,
    layout: {
      module: 'q_proj',
      kind: 'matrix',
      shape: [12, 8],
      matrix: { rows: 12, cols: 8 },
      dtype: 'BF16',
      k: 2,
      notSpectral: null,
      heads: null,
    },
    fate: { compared: [0, 1], notCompared: [] },
    rows: [],
    curves: [],
    styles: variantStyles([
      { label: 'sft', role: 'sft' },
      { label: 'rl', role: 'rl' },
    ]),
    ...replaced,
  };
}

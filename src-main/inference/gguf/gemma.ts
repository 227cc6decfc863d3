import { z } from 'zod';
import type { JsonFields } from '../../checkpoint/readJsonFields.ts';
import { alternatingWindow } from './attentionWindow.ts';
import { f32, type GgufEntries, u32 } from './ggufValues.ts';
import { checked, type ModelShape, unsupported } from './readShape.ts';
import { rotary } from './rotary.ts';

interface Reading {
  readonly fields: JsonFields;
  readonly shape: ModelShape;
  readonly path: string;
}

const cap = z.number().positive().max(1e6).nullish();
const Scale = z.object({ query_pre_attn_scalar: z.number().positive().nullish() });
const Caps = z.object({ attn_logit_softcapping: cap, final_logit_softcapping: cap });
const LocalRotary = z.object({
  rope_local_base_freq: z.number().positive().max(1e30).nullish(),
  rope_parameters: z
    .object({
      full_attention: z.record(z.string(), z.unknown()),
      sliding_attention: z.object({
        rope_theta: z.number().positive().max(1e30),
        rope_type: z.literal('default').nullish(),
      }),
    })
    .nullish()
    .catch(null),
});

const LOCAL_THETA = 10_000;
const GLOBAL_THETA = 1_000_000;
/** Numbers of layers by which llama.cpp knows the models whose queries are scaled by hidden size over heads. */
const LARGEST_GEMMA_2 = 46;
const LARGEST_GEMMA_3 = 62;

/** llama.cpp knows the scale of queries by the size of the model; it is refused where config.json has another one. */
function checkScale({ fields, shape, path }: Reading, largest: number): void {
  const { query_pre_attn_scalar: scalar } = checked(Scale, fields, path);
  const fixed = shape.layers === largest ? Math.floor(shape.hidden / shape.heads) : shape.headDim;
  if (scalar !== undefined && scalar !== null && scalar !== fixed)
    throw unsupported(`query_pre_attn_scalar is ${String(scalar)}, llama.cpp takes ${String(fixed)}`, path);
}

/** What Gemma 2 has beyond Gemma. */
export function gemma2(reading: Reading): GgufEntries {
  const { fields, shape, path } = reading;
  checkScale(reading, LARGEST_GEMMA_2);
  const { attn_logit_softcapping: attention, final_logit_softcapping: final } = checked(Caps, fields, path);
  if (!attention || !final) throw unsupported('Gemma 2 without soft caps cannot be run', path);
  const window = alternatingWindow(fields, shape, { path, usual: { tokens: 4096, period: 2 } });
  if (window.period !== 2)
    throw unsupported('a window in other layers than every second cannot be run', path);
  return [
    ['gemma2.attn_logit_softcapping', f32(attention)],
    ['gemma2.final_logit_softcapping', f32(final)],
    ['gemma2.attention.sliding_window', u32(window.tokens)],
  ];
}

/** What Gemma 3 has beyond Gemma: windows, and another base of rotary positions in layers that have one. */
export function gemma3(reading: Reading): GgufEntries {
  const { fields, shape, path } = reading;
  checkScale(reading, LARGEST_GEMMA_3);
  const { attn_logit_softcapping: attention, final_logit_softcapping: final } = checked(Caps, fields, path);
  if (attention || final) throw unsupported('Gemma 3 with soft caps cannot be run', path);
  const { rope_local_base_freq: local, rope_parameters: both } = checked(LocalRotary, fields, path);
  const window = alternatingWindow(fields, shape, { path, usual: { tokens: 4096, period: 6 } });
  const global = both ? { rope_parameters: both.full_attention } : fields;
  const { metadata } = rotary(global, {
    architecture: 'gemma3',
    headDim: shape.headDim,
    path,
    usualBase: GLOBAL_THETA,
  });
  return [
    ...metadata,
    ['gemma3.rope.freq_base_swa', f32(both?.sliding_attention.rope_theta ?? local ?? LOCAL_THETA)],
    ['gemma3.attention.sliding_window', u32(window.tokens)],
    ['gemma3.attention.sliding_window_pattern', u32(window.period)],
  ];
}

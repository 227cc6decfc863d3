import { z } from 'zod';
import { quoteName } from '../../checkpoint/quoteName.ts';
import type { JsonFields } from '../../checkpoint/readJsonFields.ts';
import type { GgufTable } from './ggufHeader.ts';
import { f32, text, type GgufEntries } from './ggufValues.ts';
import { checked, unsupported } from './readShape.ts';

/** How positions are encoded, as llama.cpp wants it. */
export interface Rotary {
  readonly metadata: GgufEntries;
  readonly tables: readonly GgufTable[];
}

interface RotaryOf {
  readonly architecture: string;
  readonly headDim: number;
  readonly path: string;
  /** Where config.json names none. */
  readonly usualBase?: number;
}

const theta = z.number().positive().max(1e30).nullish();
const factor = z.number().min(1).max(1e6);

const Config = z.object({
  rope_theta: theta,
  rope_scaling: z.record(z.string(), z.unknown()).nullish(),
  /** transformers 5 has both in one. */
  rope_parameters: z.record(z.string(), z.unknown()).nullish(),
});
const Parameters = z.object({
  rope_theta: theta,
  rope_type: z.string().nullish(),
  /** As it was called before. */
  type: z.string().nullish(),
});
const Linear = z.object({ factor });
const Llama3 = z.object({
  factor,
  low_freq_factor: z.number().positive().max(1e6),
  high_freq_factor: z.number().positive().max(1e6),
  original_max_position_embeddings: z.number().int().positive(),
});

const USUAL_BASE = 10_000;
const SUPPORTED = 'default, linear and llama3';

/** Llama 3.1 stretches slow frequencies only: the divisor of the frequency of each pair of a head. */
function llama3Divisors(parameters: z.infer<typeof Llama3>, base: number, headDim: number): Float32Array {
  const { factor: most, low_freq_factor: low, high_freq_factor: high } = parameters;
  const context = parameters.original_max_position_embeddings;
  return Float32Array.from({ length: headDim / 2 }, (_, i) => {
    const wavelength = 2 * Math.PI * base ** ((2 * i) / headDim);
    if (wavelength < context / high) return 1;
    if (wavelength > context / low) return most;
    const share = (context / wavelength - low) / (high - low);
    return 1 / ((1 - share) / most + share);
  });
}

/**
 * Base and scaling of rotary positions of a model whose layers are all alike.
 * Fails with model-unsupported for scalings that llama.cpp computes otherwise.
 */
export function rotary(
  fields: JsonFields,
  { architecture, headDim, path, usualBase = USUAL_BASE }: RotaryOf,
): Rotary {
  const config = checked(Config, fields, path);
  const parameters = config.rope_parameters ?? config.rope_scaling ?? {};
  const { rope_theta: inner, rope_type: type, type: formerly } = checked(Parameters, parameters, path);
  const base = config.rope_theta ?? inner ?? usualBase;
  const metadata: GgufEntries = [[`${architecture}.rope.freq_base`, f32(base)]];
  const kind = type ?? formerly ?? 'default';
  if (kind === 'default') return { metadata, tables: [] };
  if (kind === 'linear') {
    const linear: GgufEntries = [
      [`${architecture}.rope.scaling.type`, text('linear')],
      [`${architecture}.rope.scaling.factor`, f32(checked(Linear, parameters, path).factor)],
    ];
    return { metadata: [...metadata, ...linear], tables: [] };
  }
  if (kind === 'llama3') {
    const values = llama3Divisors(checked(Llama3, parameters, path), base, headDim);
    return { metadata, tables: [{ name: 'rope_freqs.weight', values }] };
  }
  throw unsupported(`rotary scaling ${quoteName(kind)} cannot be run; ${SUPPORTED} can`, path);
}

import { z } from 'zod';
import type { JsonFields } from '../../checkpoint/readJsonFields.ts';
import { checked, unsupported, type ModelShape } from './readShape.ts';

const LAYER_TYPES = ['full_attention', 'sliding_attention'] as const;

const Config = z.object({
  sliding_window: z
    .number()
    .int()
    .positive()
    .max(1 << 30)
    .nullish(),
  use_sliding_window: z.boolean().nullish(),
  sliding_window_pattern: z.number().int().positive().max(512).nullish(),
  layer_types: z.array(z.enum(LAYER_TYPES)).nullish(),
});

/** Every so many layers, one sees the whole context; the ones before it see a window. */
export interface AttentionWindow {
  readonly tokens: number;
  readonly period: number;
}

/** The window that is in effect; null without one. */
export function slidingWindow(fields: JsonFields, path: string): number | null {
  const {
    sliding_window: tokens,
    use_sliding_window: isUsed,
    layer_types: types,
  } = checked(Config, fields, path);
  const isNowhere = types?.every((type) => type === 'full_attention') === true;
  return isUsed === false || isNowhere ? null : (tokens ?? null);
}

/** The period at which the layers repeat, where it is one: all but the last of a period see a window. */
function periodOf(types: readonly string[], path: string): number {
  const first = types.indexOf('full_attention');
  const period = first < 0 ? types.length + 1 : first + 1;
  const isRegular = types.every((type, i) => (type === 'full_attention') === ((i + 1) % period === 0));
  if (isRegular) return period;
  throw unsupported('layers with and without a window do not alternate regularly (layer_types)', path);
}

/** The window of a model whose layers alternate. Fails with model-unsupported without one, or where the layers do not alternate regularly. */
export function alternatingWindow(
  fields: JsonFields,
  { layers }: ModelShape,
  { path, usual }: { readonly path: string; readonly usual: AttentionWindow },
): AttentionWindow {
  const {
    layer_types: types,
    sliding_window_pattern: pattern,
    sliding_window: tokens,
  } = checked(Config, fields, path);
  if (types && types.length !== layers)
    throw unsupported(`layer_types has ${String(types.length)} layers, the model ${String(layers)}`, path);
  return {
    tokens: tokens ?? usual.tokens,
    period: types ? periodOf(types, path) : (pattern ?? usual.period),
  };
}

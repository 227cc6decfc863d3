import { parse } from 'yaml';
import { z } from 'zod';

/**
 * What mergekit makes of a configuration, in numbers: every tensor of a model is one number that all of its tensors share. Follows
 * mergekit's documentation and its planner: slices put layers on top of each other; embeddings are made by the sources of the first slice,
 * norm and head by those of the last; a parameter is a number, or a list of which the first entry counts whose `filter` is a part of the
 * tensor's name; `linear` is the weighted sum, divided by the sum of the weights unless `normalize` is off; `task_arithmetic` adds
 * weighted differences to the base.
 */
const Weight = z.union([
  z.number(),
  z.array(z.strictObject({ filter: z.string().optional(), value: z.number() })),
]);

const Source = z.strictObject({
  model: z.string(),
  layer_range: z.tuple([z.number().int(), z.number().int()]),
  parameters: z.strictObject({ weight: Weight }).optional(),
});

const Configuration = z.strictObject({
  merge_method: z.enum(['passthrough', 'linear', 'task_arithmetic']),
  base_model: z.string(),
  slices: z.array(z.strictObject({ sources: z.array(Source).min(1) })).min(1),
  parameters: z.strictObject({ normalize: z.boolean() }).optional(),
  dtype: z.enum(['float32', 'bfloat16', 'float16']),
  out_dtype: z.enum(['float32', 'bfloat16', 'float16']).optional(),
});
export type Configuration = z.infer<typeof Configuration>;
type Source = z.infer<typeof Source>;

export const readConfiguration = (text: string): Configuration => Configuration.parse(parse(text));

function evaluated(weight: z.infer<typeof Weight> | undefined, name: string): number | undefined {
  if (weight === undefined || typeof weight === 'number') return weight;
  return weight.find(({ filter }) => filter === undefined || name.includes(filter))?.value;
}

function merged(
  { merge_method: method, base_model: base, parameters }: Configuration,
  sources: readonly Source[],
  name: string,
  values: Readonly<Record<string, number>>,
): number {
  const valueOf = ({ model }: Source): number => values[model] ?? NaN;
  const weightOf = ({ parameters: own }: Source): number => evaluated(own?.weight, name) ?? NaN;
  const [first] = sources;
  if (method === 'passthrough') return sources.length === 1 && first ? valueOf(first) : NaN;
  if (method === 'linear') {
    const sum = sources.reduce((total, source) => total + weightOf(source) * valueOf(source), 0);
    const weights = sources.reduce((total, source) => total + weightOf(source), 0);
    return parameters?.normalize === false ? sum : sum / weights;
  }
  if (!sources.some(({ model }) => model === base)) return NaN;
  const start = values[base] ?? NaN;
  const others = sources.filter(({ model }) => model !== base);
  return others.reduce((total, source) => total + weightOf(source) * (valueOf(source) - start), start);
}

/** @param tensors names with their layers, null outside them; @param values the number of each model, by its path */
export function mergedValues(
  configuration: Configuration,
  tensors: readonly { readonly name: string; readonly layer: number | null }[],
  values: Readonly<Record<string, number>>,
): Map<string, number> {
  const { slices } = configuration;
  const ofLayer = slices.flatMap(({ sources }) => {
    const [from = 0, to = 0] = sources[0]?.layer_range ?? [];
    return Array.from({ length: to - from }, () => sources);
  });
  return new Map(
    tensors.map(({ name, layer }) => {
      const outside = name.includes('embed_tokens') ? slices[0]?.sources : slices.at(-1)?.sources;
      const sources = (layer === null ? outside : ofLayer[layer]) ?? [];
      return [name, merged(configuration, sources, name, values)];
    }),
  );
}

import { must } from '../base/assert.ts';
import type { Alignment } from '../contract/alignment.ts';
import { storedTensors, type TensorInfo, type TensorRole } from '../contract/checkpoint.ts';
import type { StudyFile, StudyOptions, Variant } from '../contract/study.ts';
import { principalDimension, type Placement } from '../measures/evidence.ts';
import type { Measure } from '../measures/Measure.ts';
import { variantMeasures } from '../measures/registry.ts';
import { updateCosine } from '../measures/updateCosine.ts';
import { tensorSource } from '../tensors/tensorSource.ts';

/** One tensor of one variant beside what it came from. */
export interface Comparison {
  readonly variant: string;
  readonly from: string;
  readonly reference: TensorInfo;
  readonly tensor: TensorInfo;
}

/** Files behind both sides of a comparison, those of the reference first; the same file may come again. */
export function filesBehind({ reference, tensor }: Pick<Comparison, 'reference' | 'tensor'>): string[] {
  return [reference, tensor].flatMap(storedTensors).map(({ file }) => file);
}

/** One tensor name in all comparisons of a study: the unit of work, so that no checkpoint's tensor is decomposed twice. */
export interface TensorItem {
  readonly tensor: string;
  readonly role: TensorRole;
  /** The tensor as a matrix. */
  readonly rows: number;
  readonly cols: number;
  /** Dimension of its principal subspaces; 0 when it has none. */
  readonly k: number;
  /** Why it is not decomposed; null when it is. */
  readonly notSpectral: string | null;
  readonly comparisons: readonly Comparison[];
}

function reasonNotSpectral(
  { kind }: TensorRole,
  shape: readonly number[],
  options: StudyOptions,
): string | null {
  if (shape.length !== 2 || shape.some((size) => size < 2))
    return `not a matrix: shape [${shape.join(', ')}]`;
  if ((kind === 'embedding' || kind === 'head') && !options.spectralEmbeddings) {
    return 'embeddings and the output head are left out of spectral measures; include them with --spectral-embeddings';
  }
  return null;
}

/** Why no tensor is decomposed, when no measure of the study asks for it. */
function reasonNoneSpectral(options: StudyOptions): string | null {
  const { measures } = options;
  const wanted = variantMeasures(options).filter(
    ({ info }) => measures.length === 0 || measures.includes(info.id),
  );
  return wanted.some(({ info }) => info.scope === 'matrices')
    ? null
    : 'no selected measure needs a decomposition';
}

/** Everything that a study compares, tensor by tensor, in the order of the model. */
export function planItems(file: StudyFile, alignments: ReadonlyMap<string, Alignment>): TensorItem[] {
  const noneSpectral = reasonNoneSpectral(file.options);
  const items = new Map<string, TensorItem & { comparisons: Comparison[] }>();
  for (const { label, from } of file.variants) {
    for (const aligned of must(alignments.get(label), label).tensors) {
      const { reference, variant } = aligned;
      if (aligned.status !== 'compared' || !reference || !variant) continue;
      const { rows, cols } = tensorSource(reference);
      const item = items.get(aligned.tensor) ?? {
        tensor: aligned.tensor,
        role: aligned.role,
        rows,
        cols,
        k: principalDimension(file.options.k, rows, cols),
        notSpectral: noneSpectral ?? reasonNotSpectral(aligned.role, reference.shape, file.options),
        comparisons: [],
      };
      items.set(aligned.tensor, item);
      item.comparisons.push({ variant: label, from, reference, tensor: variant });
    }
  }
  return [...items.values()];
}

/** What measures may know of an item without reading a byte. */
export function placement(
  { rows, cols, role }: Pick<TensorItem, 'rows' | 'cols' | 'role'>,
  { reference, tensor }: Pick<Comparison, 'reference' | 'tensor'>,
): Placement {
  const dtypes = { reference: reference.dtype, variant: tensor.dtype };
  return { rows, cols, heads: role.heads, routed: role.expert !== null, dtypes };
}

/** Whether a measure has a value for one comparison of an item. */
export function inScope(
  measure: Pick<Measure, 'info' | 'applies'>,
  item: Pick<TensorItem, 'notSpectral' | 'rows' | 'cols' | 'role'>,
  comparison: Pick<Comparison, 'reference' | 'tensor'>,
): boolean {
  const reached = measure.info.scope === 'all-parameters' || item.notSpectral === null;
  return reached && (measure.applies?.(placement(item, comparison)) ?? true);
}

/** Parameters of a measure for a tensor of this shape and role. */
export function parametersOf(
  measure: Measure,
  item: Pick<TensorItem, 'rows' | 'cols' | 'k' | 'role'>,
): Measure['info']['parameters'] {
  const { rows, cols, k, role } = item;
  const about = { rows, cols, k, heads: role.heads, routed: role.expert !== null };
  return measure.parametersFor
    ? { ...measure.info.parameters, ...measure.parametersFor(about) }
    : measure.info.parameters;
}

/** Identity of a definition with its parameters: what a stored result is a value of. */
export function measureKey(measure: Measure, item: Pick<TensorItem, 'rows' | 'cols' | 'k' | 'role'>): string {
  const { id, version } = measure.info;
  return `${id}@${String(version)}${JSON.stringify(parametersOf(measure, item))}`;
}

export const UPDATE_COSINE_KEY = `${updateCosine.info.id}@${String(updateCosine.info.version)}`;

/** Pairs of variants with the same reference, each once, in the order of the study. */
export function siblingPairs(variants: readonly Pick<Variant, 'label' | 'from'>[]): [string, string][] {
  return variants.flatMap((a, i) =>
    variants.slice(i + 1).flatMap((b): [string, string][] => (a.from === b.from ? [[a.label, b.label]] : [])),
  );
}

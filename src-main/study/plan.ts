import { must } from '../base/assert.ts';
import { nearest } from '../base/nearest.ts';
import type { Alignment } from '../contract/alignment.ts';
import { storedTensors, type TensorInfo, type TensorRole } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { StudyFile, StudyOptions } from '../contract/study.ts';
import { principalDimension, type Ingredient, type Placement } from '../measures/evidence.ts';
import type { Measure } from '../measures/Measure.ts';
import { tensorSource } from '../tensors/tensorSource.ts';
import { spectralNeeds, wantedMeasures } from './wanted.ts';

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
  /** Why measures of matrices leave it out; null when they do not. */
  readonly notSpectral: string | null;
  /** What decompositions have to find out about it; empty when it is not decomposed. */
  readonly spectral: ReadonlySet<Ingredient>;
  readonly comparisons: readonly Comparison[];
}

/** Why spectral measures leave a tensor out; null when they do not. */
export function reasonNotSpectral(
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

function newItem(
  role: TensorRole,
  reference: TensorInfo,
  wanted: readonly Measure[],
  options: StudyOptions,
): TensorItem & { comparisons: Comparison[] } {
  const { rows, cols } = tensorSource(reference);
  const notSpectral = reasonNotSpectral(role, reference.shape, options);
  const item = { tensor: role.tensor, role, rows, cols, notSpectral };
  const applying = wanted.filter((measure) => inScope(measure, item, { reference, tensor: reference }));
  const k = principalDimension(options.k, rows, cols);
  return { ...item, k, spectral: spectralNeeds(applying), comparisons: [] };
}

/** Everything that a study compares, tensor by tensor, in the order of the model. */
export function planItems(file: StudyFile, alignments: ReadonlyMap<string, Alignment>): TensorItem[] {
  const wanted = wantedMeasures(file.options).variants;
  const items = new Map<string, TensorItem & { comparisons: Comparison[] }>();
  for (const { label, from } of file.variants) {
    for (const aligned of must(alignments.get(label), label).tensors) {
      const { reference, variant } = aligned;
      if (aligned.status !== 'compared' || !reference || !variant) continue;
      const item = items.get(aligned.tensor) ?? newItem(aligned.role, reference, wanted, file.options);
      items.set(aligned.tensor, item);
      item.comparisons.push({ variant: label, from, reference, tensor: variant });
    }
  }
  return [...items.values()];
}

/** The item of a tensor. Fails with `usage`, and the nearest name, for one that is not compared. */
export function findItem(items: readonly TensorItem[], tensor: string): TensorItem {
  const item = items.find((candidate) => candidate.tensor === tensor);
  if (item) return item;
  const guess = nearest(
    tensor,
    items.map((candidate) => candidate.tensor),
  );
  const hint = guess === null ? '' : `; did you mean ${guess}?`;
  throw new PolarimeterError('usage', `this study compares no tensor "${tensor}"${hint}`, 'tensor');
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
  const reached = measure.info.scope !== 'matrices' || item.notSpectral === null;
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

/** Keys of measures whose parameters are the same for every tensor: writing them again for each would cost more than looking them up. */
const constantKeys = new WeakMap<Measure, string>();

/** Identity of a definition with its parameters: what a stored result is a value of. */
export function measureKey(measure: Measure, item: Pick<TensorItem, 'rows' | 'cols' | 'k' | 'role'>): string {
  const known = constantKeys.get(measure);
  if (known !== undefined) return known;
  const { id, version } = measure.info;
  const key = `${id}@${String(version)}${JSON.stringify(parametersOf(measure, item))}`;
  if (!measure.parametersFor) constantKeys.set(measure, key);
  return key;
}

import type { TensorRole } from '../contract/checkpoint.ts';
import type { Terms } from './linearTerms.ts';

/** A stored tensor of the target with what it is to become. */
export interface MixedTensor {
  readonly name: string;
  readonly role: Pick<TensorRole, 'layer' | 'kind'>;
  readonly terms: Terms;
}

/** The weight of one model in a slice: the same everywhere, or by text in the name of a tensor, the first that fits. */
export type Weight = number | readonly { readonly filter?: string; readonly value: number }[];

export interface MergeSlice {
  readonly sources: readonly { readonly input: string; readonly weight: Weight }[];
  /** Inclusive from, exclusive to. */
  readonly layers: readonly [number, number];
}

interface Group {
  readonly from: number;
  to: number;
  readonly key: string;
  tensors: MixedTensor[];
}

/** What is behind the number of the layer in a name. */
function suffixOf({ name, role }: MixedTensor): string {
  const marker = `.${String(role.layer)}.`;
  const at = name.indexOf(marker);
  return role.layer === null || at < 0 ? name : name.slice(at + marker.length);
}

const termsKey = (terms: Terms): string => JSON.stringify([...terms].sort());

/** Neighbouring layers of which every tensor is made in the same way. */
function groupsOf(tensors: readonly MixedTensor[]): Group[] {
  const byLayer = Map.groupBy(
    tensors.filter(({ role }) => role.layer !== null),
    ({ role }) => role.layer ?? 0,
  );
  const groups: Group[] = [];
  for (const [layer, own] of [...byLayer].sort(([a], [b]) => a - b)) {
    const key = JSON.stringify(own.map((tensor) => [suffixOf(tensor), termsKey(tensor.terms)]).sort());
    const last = groups.at(-1);
    if (last?.key === key && last.to === layer) {
      last.to = layer + 1;
      last.tensors.push(...own);
    } else {
      groups.push({ from: layer, to: layer + 1, key, tensors: [...own] });
    }
  }
  return groups;
}

/** The weight that most tensors have comes last and without a filter. */
function weightOf(input: string, tensors: readonly MixedTensor[]): Weight {
  const valueOf = ({ terms }: MixedTensor): number => terms.get(input) ?? 0;
  const counts = [...Map.groupBy(tensors, valueOf)].map(([value, { length }]) => ({ value, length }));
  const usual = counts.toSorted((one, other) => other.length - one.length)[0]?.value ?? 0;
  const others = new Map(
    tensors
      .filter((tensor) => valueOf(tensor) !== usual)
      .map((tensor) => [suffixOf(tensor), valueOf(tensor)]),
  );
  if (others.size === 0) return usual;
  return [...[...others].map(([filter, value]) => ({ filter, value })), { value: usual }];
}

/** What a weight is for a tensor, as mergekit finds it. */
export function evaluated(weight: Weight, name: string): number {
  if (typeof weight === 'number') return weight;
  return weight.find(({ filter }) => filter === undefined || name.includes(filter))?.value ?? 0;
}

function sliceOf({ from, to, tensors }: Group, always: readonly string[]): MergeSlice | null {
  const inputs = new Set([...always, ...tensors.flatMap(({ terms }) => [...terms.keys()])]);
  const sources = [...inputs].map((input) => ({ input, weight: weightOf(input, tensors) }));
  const isExact = sources.every(({ input, weight }) =>
    tensors.every(({ name, terms }) => evaluated(weight, name) === (terms.get(input) ?? 0)),
  );
  return isExact ? { sources, layers: [from, to] } : null;
}

/**
 * Slices for mergekit, the layers from 0 in order. Embeddings are made as the first slice says, everything else outside the layers as the
 * last one says. Null where filters by parts of names cannot tell the tensors of a slice from each other.
 * @param always inputs that every slice names, whatever their weight
 */
export function mergeSlices(
  tensors: readonly MixedTensor[],
  always: readonly string[] = [],
): MergeSlice[] | null {
  const groups = groupsOf(tensors);
  for (const tensor of tensors.filter(({ role }) => role.layer === null)) {
    const group = tensor.role.kind === 'embedding' ? groups[0] : groups.at(-1);
    group?.tensors.push(tensor);
  }
  const slices = groups.map((group) => sliceOf(group, always));
  return groups.length > 0 && slices.every((slice) => slice !== null) ? slices : null;
}

import { isBookkeeping } from '../architecture/bookkeeping.ts';
import type { Side } from '../architecture/judgeTensors.ts';
import type { Sides } from '../architecture/tensorSides.ts';
import { attentionPart } from '../architecture/headLayout.ts';
import { quoteName } from '../checkpoint/quoteName.ts';
import type { Edit } from '../contract/recipe.ts';
import { inLayers } from './selectTensors.ts';

/** The attention of one layer, with heads of which number and size are certain. */
export interface AttentionLayer {
  readonly layer: number;
  readonly query: Side;
  readonly key: Side;
  readonly value: Side;
  readonly output: Side;
  readonly queryBias: Side | null;
  readonly keyBias: Side | null;
  readonly valueBias: Side | null;
  readonly queries: number;
  readonly groups: number;
  readonly size: number;
  /** Along which axis the heads of queries, keys and values lie, and along which the output matrix reads them. */
  readonly outputs: 'rows' | 'columns';
  readonly inputs: 'rows' | 'columns';
}

type HeadEdit = Extract<Edit, { edit: 'rotate-heads' | 'permute-heads' }>;

const last = ({ role }: Side): string => role.module.split('.').at(-1) ?? '';
const isQueryKeyNorm = (side: Side): boolean => /^[qk]_(?:norm|layernorm)$/.test(last(side));

/** A parameter of the block that the edit would have to follow and does not know how to. */
function stranger(block: readonly Side[], size: number, edit: HeadEdit): Side | undefined {
  return block.find((side) => {
    if (attentionPart(side.role.module) !== null || isBookkeeping(side.info.name, side.info.shape))
      return false;
    // One norm for all heads is the same for each of them; one over all heads together has weights of each.
    const isShared = side.info.shape.join() === String(size);
    return !isQueryKeyNorm(side) || (edit.edit === 'permute-heads' && !isShared);
  });
}

type Weights = Pick<AttentionLayer, 'query' | 'key' | 'value' | 'output'>;
type Heads = Pick<AttentionLayer, 'queries' | 'groups' | 'size' | 'outputs' | 'inputs'>;

/** Heads that all four matrices agree on; null where they do not. */
function headsOf({ query, key, value, output }: Weights): Heads | null {
  const [q, k, v, o] = [query, key, value, output].map(({ role }) => role.heads);
  if (!q || !k || !v || !o) return null;
  const isOneSize = [q, k, o].every(({ size }) => size === v.size);
  if (!isOneSize || q.count !== o.count || k.count !== v.count || q.count % v.count !== 0) return null;
  return { queries: q.count, groups: v.count, size: v.size, outputs: v.axis, inputs: o.axis };
}

function layerOf(layer: number, sides: readonly Side[], edit: HeadEdit): AttentionLayer | string {
  const all = (part: string, parameter: string): Side[] =>
    sides.filter(({ role }) => attentionPart(role.module) === part && role.parameter === parameter);
  const bias = (part: string): Side | null => all(part, 'bias')[0] ?? null;
  const where = `layer ${String(layer)}`;
  const [query, key, value, output] = ['query', 'key', 'value', 'output'].map(
    (part) => all(part, 'weight')[0],
  );
  if (!query || !key || !value || !output)
    return `${where} has no queries, keys, values and output of their own`;
  if (all('value', 'weight').length > 1) return `${where} has more than one attention`;
  const weights = { query, key, value, output };
  const heads = headsOf(weights);
  if (!heads) return `${where}: config.json and the shapes do not tell its heads`;
  const block = value.info.name.slice(0, value.info.name.lastIndexOf(last(value)));
  const inBlock = sides.filter(({ info }) => info.name.startsWith(block));
  const strange = stranger(inBlock, heads.size, edit);
  if (strange) return `${where}: what ${quoteName(strange.info.name)} does to heads is not known`;
  const biases = { queryBias: bias('query'), keyBias: bias('key'), valueBias: bias('value') };
  return { layer, ...weights, ...biases, ...heads };
}

/** The attention of the layers that an edit of heads concerns; or in words why it cannot be done. */
export function layersOf(sides: Sides, edit: HeadEdit): AttentionLayer[] | string {
  const layers = Map.groupBy(
    [...sides.values()].filter(({ role }) => role.layer !== null && inLayers(role.layer, edit.layers)),
    ({ role }) => role.layer ?? 0,
  );
  if (layers.size === 0) return 'it selects no layer of the target';
  const found: AttentionLayer[] = [];
  for (const [layer, own] of layers) {
    const attention = layerOf(layer, own, edit);
    if (typeof attention === 'string') return attention;
    found.push(attention);
  }
  return found;
}

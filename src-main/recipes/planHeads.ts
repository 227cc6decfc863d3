import { must } from '../base/assert.ts';
import type { Side } from '../architecture/judgeTensors.ts';
import type { Edit } from '../contract/recipe.ts';
import { permuted, shuffled } from './headOrder.ts';
import { layersOf, type AttentionLayer } from './attentionLayers.ts';
import { editInvalid } from './recipeFault.ts';
import type { HeadMove, Step } from './Step.ts';
import type { Chains, Turn } from './Turn.ts';

type HeadEdit = Extract<Edit, { edit: 'rotate-heads' | 'permute-heads' }>;

const isPower = (size: number): boolean => Number.isInteger(Math.log2(size));

function stepFor(edit: HeadEdit, { number }: Turn, move: HeadMove): Step {
  return { edit, number, others: new Map(), stream: '', move, like: [] };
}

/** Rotations of the values of each key/value head, undone where the output matrix reads them. */
function rotations(layer: AttentionLayer, stream: string, chains: Chains): [Side, HeadMove][] {
  const { value, valueBias, output, size, groups, queries } = layer;
  const own = Array.from({ length: groups }, (_, head) => head);
  const readers = Array.from({ length: queries }, (_, head) => Math.floor((head * groups) / queries));
  const shared = { kind: 'rotate', size, stream } as const;
  const chain = must(chains.get(value.info.name), value.info.name);
  const moves: [Side, HeadMove][] = [
    [value, { ...shared, axis: layer.outputs, heads: own, values: null }],
    [
      output,
      { ...shared, axis: layer.inputs, heads: readers, values: { chain, heads: own, axis: layer.outputs } },
    ],
  ];
  if (valueBias) moves.push([valueBias, { ...shared, axis: 'columns', heads: own, values: null }]);
  return moves;
}

/** Key/value heads in another order, and with each the queries that belong to it. */
function permutations(layer: AttentionLayer, order: readonly number[]): [Side, HeadMove][] {
  const { groups, queries, size, outputs, inputs } = layer;
  const group = (queries / groups) * size;
  const move = (side: Side | null, block: number, axis: 'rows' | 'columns'): [Side, HeadMove][] =>
    side ? [[side, { kind: 'permute', size: block, axis, order }]] : [];
  return [
    ...move(layer.key, size, outputs),
    ...move(layer.value, size, outputs),
    ...move(layer.query, group, outputs),
    ...move(layer.output, group, inputs),
    ...move(layer.keyBias, size, 'columns'),
    ...move(layer.valueBias, size, 'columns'),
    ...move(layer.queryBias, group, 'columns'),
  ];
}

function movesOf(edit: HeadEdit, layer: AttentionLayer, turn: Turn, chains: Chains): [Side, HeadMove][] {
  const stream = JSON.stringify([turn.recipe.seed, turn.number, `layer ${String(layer.layer)}`]);
  const refuse = (what: string): Error =>
    editInvalid(turn.number, `layer ${String(layer.layer)}: ${what}`, turn.where);
  if (edit.edit === 'rotate-heads') {
    if (edit.rotation === 'hadamard' && !isPower(layer.size))
      throw refuse(`heads of ${String(layer.size)} have no Hadamard matrix: it needs a power of two`);
    return rotations(layer, stream, chains);
  }
  const order = edit.order ?? shuffled(layer.groups, stream);
  if (order.length !== layer.groups)
    throw refuse(
      `its order has ${String(order.length)} heads, the layer ${String(layer.groups)} for keys and values`,
    );
  return permuted(order) ? permutations(layer, order) : [];
}

/** The steps of an edit of attention heads, by tensor. Fails with `recipe-invalid` where a layer has no heads that are known. */
export function planHeads(edit: HeadEdit, turn: Turn, chains: Chains): Map<string, Step> {
  const layers = layersOf(turn.sides, edit);
  if (typeof layers === 'string') throw editInvalid(turn.number, layers, turn.where);
  const moves = layers.flatMap((layer) => movesOf(edit, layer, turn, chains));
  return new Map(moves.map(([{ info }, move]) => [info.name, stepFor(edit, turn, move)]));
}

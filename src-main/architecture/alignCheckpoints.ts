import type { AlignedTensor, Alignment } from '../contract/alignment.ts';
import type { Checkpoint, TensorInfo } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { quoteName, quoteNames } from '../checkpoint/quoteName.ts';
import type { Side, Verdict } from './judgeTensors.ts';
import { judgeLone, judgePair } from './judgeTensors.ts';
import { matchNames } from './matchNames.ts';
import { compareRoles } from './modelOrder.ts';
import { elementCount } from './sliceTensor.ts';
import { sidesOf } from './tensorSides.ts';
import { tiesEmbeddings } from './tiedTensors.ts';

/** A row, and the elements of the reference in whole, of which it may compare a part. */
interface Row {
  readonly aligned: AlignedTensor;
  readonly inReference: number;
}

function toRow(reference: Side | null, variant: Side | null, verdict: Verdict): Row[] {
  const role = (reference ?? variant)?.role;
  if (!role) return [];
  const [inReference, inVariant] = [elementsOf(reference?.info ?? null), elementsOf(variant?.info ?? null)];
  const status = verdict.reason === null ? 'compared' : 'not-compared';
  const elements = Math.max(inReference, inVariant);
  return [{ aligned: { tensor: role.tensor, role, status, ...verdict, elements }, inReference }];
}

function rowsOf(reference: Checkpoint, variant: Checkpoint): Row[] {
  const [left, right] = [sidesOf(reference), sidesOf(variant)];
  const { pairs, rivals } = matchNames([...left.keys()], [...right.keys()]);
  const matched = new Set([...pairs.values()].map(({ name }) => name));
  const rows = [...left].flatMap(([name, side]) => {
    const match = pairs.get(name);
    const other = match && right.get(match.name);
    if (match && other) return toRow(side, other, judgePair(side, other, match));
    const isTied = side.role.kind === 'head' && tiesEmbeddings(variant.config);
    const alike = rivals.reference.get(name) ?? [];
    return toRow(side, null, judgeLone(side, 'reference', { isTied, alike }));
  });
  for (const [name, side] of right) {
    if (matched.has(name)) continue;
    const isTied = side.role.kind === 'head' && tiesEmbeddings(reference.config);
    const alike = rivals.variant.get(name) ?? [];
    rows.push(...toRow(null, side, judgeLone(side, 'variant', { isTied, alike })));
  }
  return rows.toSorted((a, b) => compareRoles(a.aligned.role, b.aligned.role));
}

const elementsOf = (tensor: TensorInfo | null): number => (tensor === null ? 0 : elementCount(tensor.shape));

function notComparable(
  reference: Checkpoint,
  variant: Checkpoint,
  rows: readonly AlignedTensor[],
): PolarimeterError {
  const counts = Map.groupBy(rows, ({ reason }) => reason ?? '');
  const reasons = [...counts].map(([reason, { length }]) => `${String(length)} ${reason}`).join(', ');
  const names = ({ tensors }: Checkpoint): string => quoteNames(tensors.map(({ name }) => name));
  const shape = rows.find(({ reason }) => reason === 'shape-differs');
  const example = shape ? `; for example ${quoteName(shape.tensor)} is ${shape.detail ?? ''}` : '';
  const sides = `${quoteName(reference.title)} holds ${names(reference)}, ${quoteName(variant.title)} holds ${names(variant)}`;
  return new PolarimeterError(
    'not-comparable',
    `no tensor can be compared: ${sides} (${reasons})${example}`,
    variant.path,
  );
}

/**
 * Decides for every tensor of two checkpoints whether it is compared, and if not, why; rows are in model order. Fused layers
 * are taken apart first, so that a checkpoint is compared with one that stores the same model in another way.
 * A side without config.json is read with the config of the other. Fails with not-comparable when nothing is left.
 */
export function alignCheckpoints(reference: Checkpoint, variant: Checkpoint): Alignment {
  const rows = rowsOf(
    { ...reference, config: reference.config ?? variant.config },
    { ...variant, config: variant.config ?? reference.config },
  );
  const tensors = rows.map(({ aligned }) => aligned);
  const compared = tensors.filter(({ status }) => status === 'compared');
  if (compared.length === 0) throw notComparable(reference, variant, tensors);
  const counted = rows.filter(
    ({ aligned: { reason } }) => reason !== 'tied-alias' && reason !== 'bookkeeping',
  );
  return {
    reference: reference.path,
    variant: variant.path,
    tensors,
    compared: compared.length,
    notCompared: tensors.length - compared.length,
    partial: compared.filter(({ reference: own, elements }) => elementsOf(own) < elements).length,
    parametersCompared: compared.reduce((sum, { reference: own }) => sum + elementsOf(own), 0),
    parametersReference: counted.reduce((sum, { inReference }) => sum + inReference, 0),
  };
}

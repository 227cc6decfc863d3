import type { AlignedTensor, Alignment, AlignmentReason } from '../contract/alignment.ts';
import type { Checkpoint, TensorInfo, TensorRole } from '../contract/checkpoint.ts';
import { isComputable } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { quoteName, quoteNames } from '../checkpoint/quoteName.ts';
import { isBookkeeping } from './bookkeeping.ts';
import { describeTensors } from './describeTensors.ts';
import type { NameMatch } from './matchNames.ts';
import { matchNames } from './matchNames.ts';
import { compareRoles } from './modelOrder.ts';
import { tiesEmbeddings } from './tiedTensors.ts';

/** A tensor of one side and its role there. */
interface Side {
  readonly info: TensorInfo;
  readonly role: TensorRole;
}

interface Verdict {
  readonly reason: AlignmentReason | null;
  readonly detail: string | null;
}

const shapeText = ({ info }: Side): string => `[${info.shape.join(', ')}]`;

function sidesOf(checkpoint: Checkpoint): Map<string, Side> {
  const roles = describeTensors(checkpoint);
  return new Map(
    checkpoint.tensors.flatMap((info, i) => (roles[i] ? [[info.name, { info, role: roles[i] }]] : [])),
  );
}

/** A tensor that only one side has. */
function judgeLone({ info, role }: Side, side: 'reference' | 'variant', otherTiesIt: boolean): Verdict {
  if (isBookkeeping(info.name, info.shape)) return { reason: 'bookkeeping', detail: `only in the ${side}` };
  if (role.tiedTo !== null) return { reason: 'tied-alias', detail: tiedText(role.tiedTo) };
  const detail = otherTiesIt
    ? `the ${side === 'reference' ? 'variant' : 'reference'} ties it to its embedding`
    : null;
  return { reason: `only-in-${side}`, detail };
}

const tiedText = (owner: string): string =>
  `shares its weights with ${quoteName(owner)} and is counted there`;

function judgePair(reference: Side, variant: Side): Verdict {
  const [left, right] = [reference.info, variant.info];
  if (isBookkeeping(left.name, left.shape)) return { reason: 'bookkeeping', detail: null };
  if (reference.role.tiedTo !== null && variant.role.tiedTo !== null) {
    return { reason: 'tied-alias', detail: tiedText(reference.role.tiedTo) };
  }
  if (!isComputable(left) || !isComputable(right)) {
    return { reason: 'opaque-dtype', detail: `${left.dtype} and ${right.dtype}` };
  }
  if (left.shape.join() !== right.shape.join()) {
    const isVocabulary =
      ['embedding', 'head'].includes(reference.role.kind) && left.shape[1] === right.shape[1];
    const note = isVocabulary ? ': the vocabulary was resized' : '';
    return { reason: 'shape-differs', detail: `${shapeText(reference)} and ${shapeText(variant)}${note}` };
  }
  if (left.shape.includes(0)) return { reason: 'empty', detail: `shape ${shapeText(reference)}` };
  return { reason: null, detail: pairNote(reference, variant) };
}

/** What a reader should know of a pair that is compared; null when there is nothing. */
function pairNote(reference: Side, variant: Side): string | null {
  const notes: string[] = [];
  if (reference.info.name !== variant.info.name) {
    notes.push(`named ${quoteName(variant.info.name)} in the variant, the same but for a wrapper's prefix`);
  }
  const owner = reference.role.tiedTo ?? variant.role.tiedTo;
  const side = reference.role.tiedTo === null ? 'variant' : 'reference';
  if (owner !== null) notes.push(`tied to ${quoteName(owner)} in the ${side} only`);
  return notes.length === 0 ? null : notes.join('; ');
}

function toRow(reference: Side | null, variant: Side | null, { reason, detail }: Verdict): AlignedTensor[] {
  const role = (reference ?? variant)?.role;
  if (!role) return [];
  return [
    {
      tensor: role.tensor,
      role,
      status: reason === null ? 'compared' : 'not-compared',
      reason,
      detail,
      reference: reference?.info ?? null,
      variant: variant?.info ?? null,
      elements: Math.max(...[reference, variant].map((side) => elementsOf(side?.info ?? null))),
    },
  ];
}

function rowsOf(reference: Checkpoint, variant: Checkpoint): AlignedTensor[] {
  const [left, right] = [sidesOf(reference), sidesOf(variant)];
  const { pairs }: NameMatch = matchNames([...left.keys()], [...right.keys()]);
  const matched = new Set(pairs.values());
  const rows = [...left].flatMap(([name, side]) => {
    const other = right.get(pairs.get(name) ?? '');
    if (pairs.has(name) && other) return toRow(side, other, judgePair(side, other));
    const isTied = side.role.kind === 'head' && tiesEmbeddings(variant.config);
    return toRow(side, null, judgeLone(side, 'reference', isTied));
  });
  for (const [name, side] of right) {
    if (matched.has(name)) continue;
    const isTied = side.role.kind === 'head' && tiesEmbeddings(reference.config);
    rows.push(...toRow(null, side, judgeLone(side, 'variant', isTied)));
  }
  return rows.toSorted((a, b) => compareRoles(a.role, b.role));
}

const elementsOf = (tensor: TensorInfo | null): number =>
  tensor === null ? 0 : tensor.shape.reduce((product, size) => product * size, 1);

const parametersOf = (rows: readonly AlignedTensor[]): number =>
  rows.reduce((sum, { reference }) => sum + elementsOf(reference), 0);

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
 * Decides for every tensor of two checkpoints whether it is compared, and if not, why; rows are in model order.
 * A side without config.json is read with the config of the other. Fails with not-comparable when nothing is left.
 */
export function alignCheckpoints(reference: Checkpoint, variant: Checkpoint): Alignment {
  const rows = rowsOf(
    { ...reference, config: reference.config ?? variant.config },
    { ...variant, config: variant.config ?? reference.config },
  );
  const compared = rows.filter(({ status }) => status === 'compared');
  if (compared.length === 0) throw notComparable(reference, variant, rows);
  const counted = rows.filter(({ reason, reference: own }) => {
    return own !== null && reason !== 'tied-alias' && reason !== 'bookkeeping';
  });
  return {
    reference: reference.path,
    variant: variant.path,
    tensors: rows,
    compared: compared.length,
    notCompared: rows.length - compared.length,
    partial: compared.filter(({ reference: own, elements }) => elementsOf(own) < elements).length,
    parametersCompared: parametersOf(compared),
    parametersReference: parametersOf(counted),
  };
}

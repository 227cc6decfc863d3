import type { AlignmentReason } from '../contract/alignment.ts';
import type { TensorInfo, TensorRole } from '../contract/checkpoint.ts';
import { isComputable } from '../contract/checkpoint.ts';
import { quoteName, quoteNames } from '../checkpoint/quoteName.ts';
import { isBookkeeping } from './bookkeeping.ts';
import type { LogicalTensor } from './logicalTensors.ts';
import type { Match } from './matchNames.ts';
import { sliceRows, transposed } from './sliceTensor.ts';
import { isTokenEmbedding, isTokenHead } from './tensorKind.ts';

/** A tensor of one side and its role there. */
export interface Side extends LogicalTensor {
  readonly role: TensorRole;
}

/** What becomes of a tensor: compared without a reason, else not; and both sides as they are compared. */
export interface Verdict {
  readonly reason: AlignmentReason | null;
  readonly detail: string | null;
  readonly reference: TensorInfo | null;
  readonly variant: TensorInfo | null;
}

const shapeText = ({ shape }: TensorInfo): string => `[${shape.join(', ')}]`;

const joinNotes = (notes: readonly (string | null)[]): string | null =>
  notes.filter((note) => note !== null).join('; ') || null;

const tiedText = (owner: string): string =>
  `shares its weights with ${quoteName(owner)} and is counted there`;

/** The type of a tensor, and why nothing can be computed with it where its type alone does not say so. */
const typeText = ({ dtype, opaque }: TensorInfo): string => opaque ?? dtype;

/** Names of both sides that a name cannot be told from; a few of them, since there may be very many. */
function alikeText(name: string, alike: readonly string[]): string | null {
  if (alike.length === 0) return null;
  const some = alike.slice(0, 4).filter((each) => each !== name);
  const more = alike.length > 4 ? ' and more' : '';
  return `its name cannot be told from ${quoteNames(some, 4)}${more}`;
}

/** A tensor that only one side has. */
export function judgeLone(
  { info, role, note }: Side,
  side: 'reference' | 'variant',
  { isTied, alike }: { readonly isTied: boolean; readonly alike: readonly string[] },
): Verdict {
  const sides = { reference: null, variant: null, [side]: info };
  if (isBookkeeping(info.name, info.shape))
    return { ...sides, reason: 'bookkeeping', detail: `only in the ${side}` };
  if (role.tiedTo !== null) return { ...sides, reason: 'tied-alias', detail: tiedText(role.tiedTo) };
  const other = side === 'reference' ? 'variant' : 'reference';
  const detail = joinNotes([
    isTied ? `the ${other} ties it to its embedding` : null,
    alikeText(info.name, alike),
    note,
    info.opaque ?? null,
  ]);
  return { ...sides, reason: `only-in-${side}`, detail };
}

/** Both sides as they are compared, in the orientation of the reference, and what was done to them. */
interface Common {
  readonly reference: TensorInfo;
  readonly variant: TensorInfo;
  readonly note: string | null;
}

/** Both sides of a matrix with the outputs of its layer along the same axis. */
export function turned(reference: Side, variant: Side): Common {
  const [left, right] = [reference.info, variant.info];
  if (left.shape.length !== 2 || right.shape.length !== 2 || reference.outputs === variant.outputs) {
    return { reference: left, variant: right, note: null };
  }
  return { reference: left, variant: transposed(right), note: 'the variant stores it transposed' };
}

/** The rows that both sides have of an embedding or a head over tokens; others stay as they are. */
function commonRows({ reference, variant, note }: Common, role: TensorRole): Common {
  const isVocabulary = isTokenEmbedding(role) || isTokenHead(role);
  const [left = 0, width] = reference.shape;
  const [right = 0, other] = variant.shape;
  if (!isVocabulary || width !== other || left === right) return { reference, variant, note };
  const rows = Math.min(left, right);
  const sizes = `${String(left)} and ${String(right)}`;
  return {
    reference: sliceRows(reference, reference.name, 0, rows),
    variant: sliceRows(variant, variant.name, 0, rows),
    note: joinNotes([
      note,
      `compared on the first ${String(rows)} rows of ${sizes}: the vocabulary was resized`,
    ]),
  };
}

function partNote(reference: Side, variant: Side): string | null {
  if (reference.note === variant.note) return reference.note;
  const [left, right] = [reference, variant].map(({ note }, i) =>
    note === null ? null : `${note} in the ${i === 0 ? 'reference' : 'variant'}`,
  );
  return joinNotes([left ?? null, right ?? null]);
}

function nameNote(reference: Side, { name, level }: Match): string | null {
  if (name === reference.info.name) return null;
  const why = level === 'wrapper' ? "the same but for a wrapper's prefix" : 'another name of the same tensor';
  return `named ${quoteName(name)} in the variant, ${why}`;
}

function tieNote(reference: Side, variant: Side): string | null {
  const owner = reference.role.tiedTo ?? variant.role.tiedTo;
  const side = reference.role.tiedTo === null ? 'variant' : 'reference';
  return owner === null ? null : `tied to ${quoteName(owner)} in the ${side} only`;
}

/** A tensor that both sides have. */
export function judgePair(reference: Side, variant: Side, match: Match): Verdict {
  const [left, right] = [reference.info, variant.info];
  const sides = { reference: left, variant: right };
  const parts = partNote(reference, variant);
  if (isBookkeeping(left.name, left.shape)) return { ...sides, reason: 'bookkeeping', detail: null };
  if (reference.role.tiedTo !== null && variant.role.tiedTo !== null) {
    return { ...sides, reason: 'tied-alias', detail: tiedText(reference.role.tiedTo) };
  }
  if (!isComputable(left) || !isComputable(right)) {
    const detail = joinNotes([`${typeText(left)} and ${typeText(right)}`, parts]);
    return { ...sides, reason: 'opaque-dtype', detail };
  }
  const common = commonRows(turned(reference, variant), reference.role);
  if (common.reference.shape.join() !== common.variant.shape.join()) {
    const detail = joinNotes([`${shapeText(left)} and ${shapeText(right)}`, parts]);
    return { ...sides, reason: 'shape-differs', detail };
  }
  if (common.reference.shape.includes(0)) {
    return { ...sides, reason: 'empty', detail: `shape ${shapeText(common.reference)}` };
  }
  const detail = joinNotes([nameNote(reference, match), parts, common.note, tieNote(reference, variant)]);
  return { reason: null, detail, reference: common.reference, variant: common.variant };
}

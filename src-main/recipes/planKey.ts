import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { storedTensors, type TensorInfo } from '../contract/checkpoint.ts';
import { placeOf } from '../contract/placeOf.ts';
import { fileIdentityIfThere, type FileStates } from '../tensors/fileIdentity.ts';
import { isMadeFile } from '../tensors/madeFile.ts';
import { inputsOf } from './inputsOf.ts';
import type { Chain, HeadMove, Step } from './Step.ts';
import type { PartPlan, TensorPlan } from './TensorPlan.ts';

/** Grows when an edit computes something else than before: what was made until then is made again. */
const VERSION = 1;

/** Fields that choose tensors, or name inputs: what they lead to is in the key by itself. */
const WHERE = new Set(['tensors', 'layers', 'order']);
const NAMES = new Set(['from', 'to', 'since', 'by', 'fit']);

/** States of files, each looked at once: a model has thousands of tensors in a few. */
export class States {
  readonly files = new Map<string, FileStates extends ReadonlyMap<string, infer S> ? S : never>();

  of(path: string): string | null {
    if (isMadeFile(path)) return basename(path);
    if (!this.files.has(path)) this.files.set(path, fileIdentityIfThere(path));
    const state = this.files.get(path);
    return state ? `${String(state.size)}:${String(state.mtimeNs)}` : null;
  }
}

const tensorKey = (tensor: TensorInfo, states: States): unknown => [
  placeOf(tensor),
  storedTensors(tensor).map(({ file }) => states.of(file)),
];

function parametersOf(edit: Step['edit']): unknown {
  const text = JSON.stringify(edit, (field, value: unknown) => {
    if (WHERE.has(field)) return undefined;
    return NAMES.has(field) && typeof value === 'string' ? '@' : value;
  });
  return JSON.parse(text) as unknown;
}

const isRandom = ({ edit }: Step): boolean =>
  (edit.edit === 'matched-step' && edit.direction === 'random') ||
  (edit.edit === 'mask-update' && edit.mask.kind === 'random');

function moveKey(move: HeadMove | null, states: States): unknown {
  if (move?.kind !== 'rotate') return move;
  return { ...move, values: move.values && { ...move.values, chain: chainKey(move.values.chain, states) } };
}

function stepKey(step: Step, states: States): unknown {
  const others = inputsOf(step.edit).map(({ name }) => {
    const other = step.others.get(name);
    return other ? tensorKey(other, states) : null;
  });
  return [
    parametersOf(step.edit),
    others,
    isRandom(step) ? step.stream : null,
    moveKey(step.move, states),
    step.like.map((like) => stepKey(like, states)),
  ];
}

const chainKey = ({ from, steps }: Chain, states: States): unknown => [
  tensorKey(from, states),
  steps.map((step) => stepKey(step, states)),
];

/** What a made tensor is made of, as text of 32 hexadecimal digits: names of tensors and inputs are not in it. */
export function planKey(
  { dtype, shape }: Pick<TensorPlan, 'dtype' | 'shape'>,
  parts: readonly PartPlan[],
  states: States,
): string {
  const each = parts.map(({ chain, original, runs }) => [
    chainKey(chain, states),
    // What is measured on the way is kept with it: how far it is from what it was.
    tensorKey(original, states),
    runs,
  ]);
  return createHash('sha256')
    .update(JSON.stringify([VERSION, dtype, shape, each]))
    .digest('hex')
    .slice(0, 32);
}

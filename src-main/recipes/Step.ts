import type { TensorInfo } from '../contract/checkpoint.ts';
import type { Edit, MatchableEdit } from '../contract/recipe.ts';

/** Which heads of a tensor move, and how. */
export type HeadMove = {
  /** Along which axis heads lie, and how many rows or columns each block has. */
  readonly axis: 'rows' | 'columns';
  readonly size: number;
} & (
  | {
      readonly kind: 'rotate';
      /** For each block, the key/value head whose rotation it gets; all tensors of a layer share the stream. */
      readonly heads: readonly number[];
      readonly stream: string;
      /** Of the output matrix, what its values matrix is before the edit, and the heads there. */
      readonly values: {
        readonly chain: Chain;
        readonly heads: readonly number[];
        readonly axis: 'rows' | 'columns';
      } | null;
    }
  | {
      readonly kind: 'permute';
      /** Where each block comes from. */
      readonly order: readonly number[];
    }
);

/** One edit as it concerns one tensor. */
export interface Step {
  readonly edit: Edit | MatchableEdit;
  /** Place among the edits, from 1. */
  readonly number: number;
  /** The tensors of other inputs that go in, in the order and by the names of `inputsOf`. */
  readonly others: ReadonlyMap<string, TensorInfo>;
  /** Text that no other tensor and edit of the recipe has: what everything random is drawn from. */
  readonly stream: string;
  readonly move: HeadMove | null;
  /** Of a matched step, those edits that it is as long as. */
  readonly like: readonly Step[];
}

/** How one tensor comes about: where it begins, and what is done to it, in order. */
export interface Chain {
  /** The tensor of the target, or the one that was taken last. */
  readonly from: TensorInfo;
  readonly taken: boolean;
  readonly steps: readonly Step[];
  /** Numbers of the edits that concern it, from 1. */
  readonly edits: readonly number[];
}

export const untouched = (from: TensorInfo): Chain => ({ from, taken: false, steps: [], edits: [] });

/** Every tensor that goes into a chain. */
export function chainTensors({ from, steps }: Chain): TensorInfo[] {
  return [from, ...steps.flatMap(stepTensors)];
}

function stepTensors({ others, like, move }: Step): TensorInfo[] {
  const values = move?.kind === 'rotate' && move.values ? chainTensors(move.values.chain) : [];
  return [...others.values(), ...like.flatMap(stepTensors), ...values];
}

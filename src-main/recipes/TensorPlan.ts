import type { PlainDtype, TensorInfo } from '../contract/checkpoint.ts';
import type { FileStates } from '../tensors/fileIdentity.ts';
import type { Chain } from './Step.ts';
import type { Run } from './placeInStored.ts';

/** A part of a made tensor: all of it, or where it is stored fused one of several. */
export interface PartPlan {
  readonly name: string;
  readonly chain: Chain;
  /** The tensor of the target that it was. */
  readonly original: TensorInfo;
  /** Where its rows lie in the whole. */
  readonly runs: readonly Run[];
}

/** A tensor that must be computed, and the file that it will be in. */
export interface TensorPlan {
  /** Name of the tensor of the target. */
  readonly name: string;
  readonly path: string;
  readonly dtype: PlainDtype;
  readonly shape: readonly number[];
  readonly bytes: number;
  readonly parts: readonly PartPlan[];
  readonly edits: readonly number[];
  /** Every file that goes in, in the state in which its header was read. */
  readonly files: FileStates;
  /** Tensors of other recipes that go in: they are made first. */
  readonly before: readonly TensorPlan[];
}

/** What changed of a tensor of the target that was taken as it is. */
export interface TakenTensor {
  readonly name: string;
  readonly edits: readonly number[];
}

/** Where a checkpoint that is a recipe comes from. */
export interface RecipeOrigin {
  readonly plans: readonly TensorPlan[];
  readonly taken: readonly TakenTensor[];
  /** Made tensors of other recipes that are taken or left as they are. */
  readonly before: readonly TensorPlan[];
  readonly pins: readonly Pin[];
}

/** An input whose content is written down. */
export interface Pin {
  readonly input: string;
  readonly path: string;
  readonly fingerprint: string;
  readonly tensors: readonly TensorInfo[];
}

const origins = new WeakMap<TensorInfo, RecipeOrigin>();

/** Remembers for the tensors of a recipe where they come from: a checkpoint is plain data, and part of it may be handed on. */
export function rememberOrigin(tensors: readonly TensorInfo[], origin: RecipeOrigin): void {
  for (const tensor of tensors) origins.set(tensor, origin);
}

/** Where the tensors of a recipe come from; null for those of any other checkpoint. */
export function originOf(tensors: readonly TensorInfo[]): RecipeOrigin | null {
  for (const tensor of tensors) {
    const origin = origins.get(tensor);
    if (origin) return origin;
  }
  return null;
}

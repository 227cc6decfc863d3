import type { Sides } from '../architecture/tensorSides.ts';
import type { Checkpoint } from '../contract/checkpoint.ts';
import type { Recipe } from '../contract/recipe.ts';
import type { Input } from './Input.ts';
import type { Chain } from './Step.ts';

/** By the name of the tensor where nothing is fused. */
export type Chains = Map<string, Chain>;

/** A recipe that meets its inputs. */
export interface Opened {
  readonly recipe: Recipe;
  /** Path of its file, or of the folder of one that was never written; for errors. */
  readonly where: string;
  readonly target: Checkpoint;
  readonly inputs: ReadonlyMap<string, Input>;
}

/** One edit of the recipe, at its place. */
export interface Turn extends Opened {
  readonly sides: Sides;
  readonly number: number;
}

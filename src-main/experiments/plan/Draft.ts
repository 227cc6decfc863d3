import type { Edit, Recipe } from '../../contract/recipe.ts';
import type { SweepFile, Trial } from '../../contract/sweep.ts';
import { trialId } from './trialId.ts';

/** Names of the two inputs in the recipes of a sweep. */
export const TARGET = 'target';
export const DONOR = 'donor';

/** What a trial does, before it has its number. */
export interface Draft {
  readonly label: string;
  readonly family: string;
  readonly parameters: Trial['parameters'];
  readonly recipe: Recipe;
  /** Layers that a layer reset takes; null for everything else. */
  readonly layers: readonly number[] | null;
  readonly notes: readonly string[];
}

/** A recipe of the sweep's target and donor. */
export function recipeOf(
  file: SweepFile,
  label: string,
  { edits, seed }: { edits: Edit[]; seed?: number },
): Recipe {
  return {
    schema: 'polarimeter.recipe/1',
    name: label.slice(0, 200),
    target: TARGET,
    inputs: { [TARGET]: { path: file.target.path }, [DONOR]: { path: file.donor.path } },
    edits,
    seed: seed ?? file.seed,
    notes: [],
  };
}

/** @param confounds what `confoundsOf` says of its recipe */
export function trialOf(draft: Draft, kind: Trial['kind'], confounds: readonly string[]): Trial {
  const { label, family, parameters, recipe, notes } = draft;
  return {
    id: trialId(kind, recipe),
    label,
    kind,
    part: null,
    controlOf: [],
    family,
    parameters,
    recipe,
    confounds: [...confounds, ...notes],
  };
}

import { PolarimeterError } from '../../contract/errors.ts';
import type { Checkpoint } from '../../contract/checkpoint.ts';
import type { Recipe } from '../../contract/recipe.ts';
import type { GridEntry, SweepFile, Trial } from '../../contract/sweep.ts';
import { trialOf, type Draft } from './Draft.ts';
import { layersOf, type LayerSizes } from './layersOf.ts';
import { planControls, type PlannedRepair } from './planControls.ts';
import { planRepairs } from './planRepairs.ts';
import { trialId } from './trialId.ts';

/** What a plan is made from, besides the file; its paths are absolute. */
export interface PlanSources {
  readonly target: Checkpoint;
  /** A recipe file with absolute paths of its inputs. */
  readonly readRecipe: (path: string) => Recipe;
  /** Confounds of section 4.1 of the methods that apply to a recipe, in words. */
  readonly confoundsOf: (recipe: Recipe, target: Checkpoint) => readonly string[];
}

function modelTrials(file: SweepFile): Trial[] {
  const { target, donor, reference, others } = file;
  const models = [
    { model: target, part: 'target' as const },
    { model: donor, part: 'donor' as const },
    ...(reference === null ? [] : [{ model: reference, part: 'reference' as const }]),
    ...others.map((model) => ({ model, part: 'other' as const })),
  ];
  return models.map(({ model, part }) => ({
    id: trialId('model', `${part} ${model.path}`),
    label: model.label,
    kind: 'model',
    part,
    controlOf: [],
    family: 'model',
    parameters: {},
    recipe: null,
    confounds: [],
  }));
}

function recipeDraft(path: string, recipe: Recipe): Draft {
  return {
    label: recipe.name,
    family: 'recipe',
    parameters: { file: path.split(/[\\/]/).at(-1) ?? path },
    recipe,
    layers: null,
    notes: recipe.notes,
  };
}

function draftsOf(
  file: SweepFile,
  entry: GridEntry,
  { readRecipe }: PlanSources,
  sizes: LayerSizes,
): Draft[] {
  return entry.kind === 'recipes'
    ? entry.paths.map((path) => recipeDraft(path, readRecipe(path)))
    : planRepairs(file, entry, sizes);
}

/** One trial for each thing that is done, whatever it is called; the controls of the same repairs are put together. */
function merged(trials: readonly Trial[]): Trial[] {
  const known = new Map<string, Trial>();
  for (const trial of trials) {
    const earlier = known.get(trial.id);
    const controlOf = [...new Set([...(earlier?.controlOf ?? []), ...trial.controlOf])];
    known.set(trial.id, { ...(earlier ?? trial), controlOf });
  }
  return [...known.values()];
}

/**
 * Everything that a sweep evaluates, in its order: target, donor, reference and other models, repairs, controls. Equal recipes are one
 * trial. Headers are read, nothing is computed. fails sweep-invalid, and as reading recipes does
 */
export function planSweep(file: SweepFile, sources: PlanSources): Trial[] {
  const sizes = layersOf(sources.target);
  if (sizes.layers.length === 0 && file.grid.some(({ kind }) => kind === 'reset-layers'))
    throw new PolarimeterError('sweep-invalid', 'grid: the target has no layers to reset', file.target.path);
  const drafts = file.grid.flatMap((entry) => draftsOf(file, entry, sources, sizes));
  const planned = drafts.map((draft): PlannedRepair => ({
    draft,
    trial: trialOf(draft, 'repair', sources.confoundsOf(draft.recipe, sources.target)),
  }));
  const seen = new Set<string>();
  const repairs = planned.filter(({ trial }) => !seen.has(trial.id) && seen.add(trial.id));
  const controls = planControls(file, repairs, sizes).map(({ draft, controlOf }) => ({
    ...trialOf(draft, 'control', sources.confoundsOf(draft.recipe, sources.target)),
    controlOf: [...controlOf],
  }));
  return merged([...modelTrials(file), ...repairs.map(({ trial }) => trial), ...controls]);
}

import type { Edit, MatchableEdit } from '../../contract/recipe.ts';
import type { ControlChoice, SweepFile, Trial } from '../../contract/sweep.ts';
import { DONOR, recipeOf, type Draft } from './Draft.ts';
import { drawLayers, sizeDifference } from './drawLayers.ts';
import { rangesOf, type LayerSizes } from './layersOf.ts';
import { takeLayers } from './planRepairs.ts';

/** A repair with the draft that it came from. */
export interface PlannedRepair {
  readonly trial: Trial;
  readonly draft: Draft;
}

/** A control and the repairs that it is the control of. */
export interface PlannedControl {
  readonly draft: Draft;
  readonly controlOf: readonly string[];
}

/** Families whose step is not straight to the donor already. */
const OF_DIRECTIONS = new Set(['restore', 'truncate-update', 'recipe']);

/** Two parts in a thousand: rounding, not another size. */
const SAME_SIZE = 0.002;

/** Inner edits of a recipe; null where it holds one that has no matched step, e.g. a rotation. */
function matchable(edits: readonly Edit[]): MatchableEdit[] | null {
  const inner = edits.filter(
    (edit): edit is MatchableEdit =>
      edit.edit !== 'rotate-heads' && edit.edit !== 'permute-heads' && edit.edit !== 'matched-step',
  );
  return inner.length === edits.length && inner.length > 0 ? inner : null;
}

function randomLayers(file: SweepFile, { trial, draft }: PlannedRepair, sizes: LayerSizes): PlannedControl[] {
  const own = draft.layers;
  if (own === null) return [];
  const seed = file.seed + own.length * 7919 + (own[0] ?? 0);
  const sets = drawLayers(own, sizes, { draws: file.controls.randomLayers, seed });
  const outside = trial.parameters['embeddings'] === 'donor' ? sizes.outside : [];
  return sets.map((layers, draw) => {
    const ranges = rangesOf(layers).join(', ');
    const besides = outside.length > 0 ? ', embeddings and head' : '';
    const label = `${String(layers.length)} random layers (${ranges})${besides} from ${file.donor.label}`;
    const difference = sizeDifference(layers, own, sizes);
    const size = `it has ${(100 * Math.abs(difference)).toFixed(1)} % ${difference > 0 ? 'more' : 'fewer'} parameters in its layers than its repair: no set of that size exists`;
    return {
      draft: {
        label,
        family: 'random-layers',
        parameters: { share: trial.parameters['share'] ?? '', layers: ranges, draw: draw + 1 },
        recipe: recipeOf(file, label, { edits: takeLayers(layers, outside) }),
        layers,
        notes: Math.abs(difference) > SAME_SIZE ? [size] : [],
      },
      controlOf: [trial.id],
    };
  });
}

function matchedStep(
  file: SweepFile,
  { trial, draft }: PlannedRepair,
  { direction, draw }: { direction: 'random' | { to: string }; draw: number },
): PlannedControl[] {
  const like = matchable(draft.recipe.edits);
  if (like === null) return [];
  const isRandom = direction === 'random';
  const number = isRandom && draw > 1 ? `, draw ${String(draw)}` : '';
  const way = isRandom ? 'random step' : `straight to ${file.donor.label}`;
  const label = `${way} as long as: ${draft.label}${number}`;
  const recipe = recipeOf(file, label, { edits: [{ edit: 'matched-step', like, direction }] });
  return [
    {
      draft: {
        ...draft,
        label,
        family: isRandom ? 'random-step' : 'matched-roll-back',
        parameters: isRandom ? { ...draft.parameters, draw } : draft.parameters,
        // A draw is another seed; a recipe of another file has inputs of its own.
        recipe: {
          ...recipe,
          inputs: draft.recipe.inputs,
          target: draft.recipe.target,
          seed: file.seed + draw - 1,
        },
        layers: null,
        notes: [],
      },
      controlOf: [trial.id],
    },
  ];
}

function ofEach(file: SweepFile, repair: PlannedRepair, sizes: LayerSizes): PlannedControl[] {
  const { randomStep, matchedRollBack }: ControlChoice = file.controls;
  const draws = Array.from({ length: randomStep }, (_, draw) =>
    matchedStep(file, repair, { direction: 'random', draw: draw + 1 }),
  );
  const straight =
    matchedRollBack && OF_DIRECTIONS.has(repair.draft.family) && DONOR in repair.draft.recipe.inputs
      ? matchedStep(file, repair, { direction: { to: DONOR }, draw: 1 })
      : [];
  return [...randomLayers(file, repair, sizes), ...draws.flat(), ...straight];
}

function ofAll(file: SweepFile, repairs: readonly string[]): PlannedControl[] {
  const { fullRollBack, embeddingsApart } = file.controls;
  const control = (family: string, label: string, edits: Edit[]): PlannedControl => ({
    draft: {
      label,
      family,
      parameters: {},
      recipe: recipeOf(file, label, { edits }),
      layers: null,
      notes: [],
    },
    controlOf: repairs,
  });
  return [
    ...(fullRollBack
      ? [control('full-roll-back', `everything from ${file.donor.label}`, [{ edit: 'take', from: DONOR }])]
      : []),
    ...(embeddingsApart
      ? [
          control('embeddings', `embeddings and head alone from ${file.donor.label}`, [
            { edit: 'take', from: DONOR, tensors: { kinds: ['embedding', 'head'] } },
          ]),
        ]
      : []),
  ];
}

/** The controls of all repairs, those of all last. The same control of several repairs comes several times. */
export function planControls(
  file: SweepFile,
  repairs: readonly PlannedRepair[],
  sizes: LayerSizes,
): PlannedControl[] {
  const all = repairs.map(({ trial }) => trial.id);
  return [...repairs.flatMap((repair) => ofEach(file, repair, sizes)), ...ofAll(file, all)];
}

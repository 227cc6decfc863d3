import { sidesOf } from '../architecture/tensorSides.ts';
import type { Side } from '../architecture/judgeTensors.ts';
import type { Checkpoint } from '../contract/checkpoint.ts';
import type { Edit, MatchableEdit, Recipe } from '../contract/recipe.ts';
import { directionRanges, rangeCount } from './directions.ts';
import { selectTensors } from './selectTensors.ts';
import { directionsOf } from './shortcut.ts';

type Restore = Extract<Edit, { edit: 'restore' }>;

const plural = (count: number, one: string, many: string): string =>
  `${String(count)} ${count === 1 ? one : many}`;

function joined(words: readonly string[]): string {
  const [last = '', ...rest] = [...words].reverse();
  return rest.length === 0 ? last : `${rest.reverse().join(', ')} and ${last}`;
}

const isLayerMatrix = ({ role }: Side): boolean => role.kind === 'matrix' && role.layer !== null;

/** What the restoration of every direction leaves of the target. */
function completeText({ values, vectors }: Restore): string {
  if (vectors === 'target') return 'all their singular values are those of the donor';
  return values === 'donor'
    ? 'a full roll-back of their weights, spectrum included'
    : 'all their directions are those of the donor, and only the spectrum is left of the target';
}

/** Modules of which every direction is chosen because they have so few, with how many they have. */
function fewDirections(complete: readonly Side[]): string[] {
  const bySide = Map.groupBy(complete, ({ info }) => directionsOf(info));
  return [...bySide]
    .toSorted(([a], [b]) => a - b)
    .map(([d, sides]) => {
      const modules = [...new Set(sides.map(({ role }) => role.module.split('.').at(-1) ?? role.module))];
      const verb = modules.length === 1 ? 'has' : 'have';
      return `${joined(modules)} ${verb} only ${plural(d, 'direction', 'directions')}`;
    });
}

function ofRestore(edit: Restore, selected: readonly Side[]): string[] {
  const chosen = (side: Side): number => rangeCount(directionRanges(edit, directionsOf(side.info)));
  const matrices = selected.filter(isLayerMatrix);
  const complete = matrices.filter((side) => chosen(side) === directionsOf(side.info));
  const found: string[] = [];
  if (complete.length > 0) {
    const share = `${String(complete.length)} of ${plural(matrices.length, 'matrix is', 'matrices are')}`;
    const why = complete.length < matrices.length ? `: ${fewDirections(complete).join('; ')}` : '';
    found.push(`${share} restored in full (${completeText(edit)})${why}`);
  }
  const isMixed = edit.variant === 'paper' && edit.vectors === 'donor' && complete.length < matrices.length;
  if (isMixed && edit.values === 'target')
    found.push(
      'the restored directions are not orthogonal to the others, so that the spectrum is not that of the target',
    );
  return found;
}

/** Embeddings, head and norms outside the layers that an edit moves along with the layers. */
function outsideLayers(edit: Edit | MatchableEdit, selected: readonly Side[]): string[] {
  // Who names no tensors asks for all of them.
  if (!('tensors' in edit) || edit.tensors === undefined) return [];
  const outside = selected.filter(({ role }) => role.kind === 'embedding' || role.kind === 'head');
  if (outside.length === 0 || outside.length === selected.length) return [];
  const names = [...new Set(outside.map(({ role }) => role.module))];
  const verb = names.length === 1 ? 'is' : 'are';
  const what = edit.edit === 'take' ? 'rolled back' : 'changed';
  return [`${joined(names)} ${verb} ${what} together with the layers: what they do alone is not told apart`];
}

function ofEdit(edit: Edit, sides: ReturnType<typeof sidesOf>): string[] {
  if (edit.edit === 'rotate-heads' || edit.edit === 'permute-heads' || edit.edit === 'matched-step')
    return [];
  const selected = selectTensors(sides, edit);
  if (typeof selected === 'string') return [];
  const own = edit.edit === 'restore' ? ofRestore(edit, selected) : [];
  return [...own, ...outsideLayers(edit, selected)];
}

/**
 * What else a recipe does besides what its edits are called, in words with counts, as the experiments of arXiv 2509.12235 did unnoticed:
 * matrices with so few directions that all of them are restored, and embeddings and head that are restored along with layers.
 * @param target the checkpoint that is edited, or the opened recipe, which has the same shapes
 */
export function confoundsOf(recipe: Recipe, target: Checkpoint): string[] {
  const sides = sidesOf(target);
  return recipe.edits.flatMap((edit, i) =>
    ofEdit(edit, sides).map((what) => (recipe.edits.length > 1 ? `edit ${String(i + 1)}: ${what}` : what)),
  );
}

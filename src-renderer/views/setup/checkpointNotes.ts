import { formatCount } from '../../../src-main/contract/format.ts';
import type { StudyView } from '../../../src-main/contract/routes.ts';

const plural = (count: number, what: string): string =>
  `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;

/** What there is to know of a checkpoint itself: what it is laid on or made of, and its oddities. */
export function checkpointNotes({ adapter, recipe, warnings }: StudyView['base']): string[] {
  const rank = adapter ? [`LoRA adapter of rank ${adapter.ranks.join(', ')} on ${adapter.base}`] : [];
  const changes = recipe
    ? `${plural(recipe.taken.length, 'tensor')} taken from elsewhere, ${formatCount(recipe.made.length)} computed`
    : '';
  const edited = recipe ? [`Recipe: ${plural(recipe.edits, 'edit')} of ${recipe.target}, ${changes}`] : [];
  return [...rank, ...edited, ...warnings];
}

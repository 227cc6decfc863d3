import { isBookkeeping } from '../architecture/bookkeeping.ts';
import type { Side } from '../architecture/judgeTensors.ts';
import { sidesOf } from '../architecture/tensorSides.ts';
import { must } from '../base/assert.ts';
import { quoteName } from '../checkpoint/quoteName.ts';
import { isComputable, type TensorInfo } from '../contract/checkpoint.ts';
import type { Edit, MatchableEdit } from '../contract/recipe.ts';
import { inputsOf } from './inputsOf.ts';
import { planHeads } from './planHeads.ts';
import { editInvalid } from './recipeFault.ts';
import { selectTensors } from './selectTensors.ts';
import { shortcut } from './shortcut.ts';
import { untouched, type Chain, type Step } from './Step.ts';
import type { Chains, Opened, Turn } from './Turn.ts';

type Others = ReadonlyMap<string, TensorInfo>;

/** The tensors of other inputs that an edit needs for one of the target. */
function othersOf(edit: Edit | MatchableEdit, side: Side, { inputs, number, where }: Turn): Others {
  const names = inputsOf(edit).map(({ name }) => name);
  return new Map(
    names.map((name) => {
      const found = must(inputs.get(name), name).tensorFor(side);
      if (typeof found === 'string') throw editInvalid(number, found, where);
      if (edit.edit === 'take' || isComputable(found)) return [name, found];
      const what = `${quoteName(found.name)} of ${quoteName(name)} is stored as ${found.opaque ?? found.dtype}, which cannot be computed with`;
      throw editInvalid(number, what, where);
    }),
  );
}

/** What is drawn at random depends on the tensor and on the place of the edit, not on what else the recipe does. */
const streamOf = ({ recipe, number }: Turn, name: string): string =>
  JSON.stringify([recipe.seed, number, name]);

function select(edit: MatchableEdit, { sides, number, where, inputs }: Turn): readonly Side[] {
  const selected = selectTensors(sides, edit);
  if (typeof selected === 'string') throw editInvalid(number, selected, where);
  if (edit.edit !== 'take') return selected;
  // Buffers and scales of one layout need no counterpart in another.
  const donor = must(inputs.get(edit.from), edit.from);
  return selected.filter(({ info }) => !isBookkeeping(info.name, info.shape) || donor.has(info.name));
}

function stepOf(edit: MatchableEdit, side: Side, turn: Turn): Step {
  const stream = streamOf(turn, side.info.name);
  return { edit, number: turn.number, others: othersOf(edit, side, turn), stream, move: null, like: [] };
}

/** The chain with one step more, which may begin it anew or leave it as it is. */
function extended(chain: Chain, step: Step, target: TensorInfo): Chain {
  const outcome = shortcut(step, target);
  if (outcome === 'unchanged') return chain;
  const edits = [...chain.edits, step.number];
  if (outcome !== 'computed') return { from: outcome, taken: true, steps: [], edits };
  return { ...chain, steps: [...chain.steps, step], edits };
}

function planMatched(edit: Extract<Edit, { edit: 'matched-step' }>, turn: Turn): Map<string, Step> {
  const like = new Map<string, Step[]>();
  for (const [i, inner] of edit.like.entries()) {
    for (const side of select(inner, turn)) {
      const step = stepOf(inner, side, turn);
      const own = { ...step, stream: `${step.stream}${String(i)}` };
      like.set(side.info.name, [...(like.get(side.info.name) ?? []), own]);
    }
  }
  const to = edit.direction === 'random' ? [] : [must(turn.inputs.get(edit.direction.to), edit.direction.to)];
  return new Map(
    [...like].map(([name, steps]) => {
      const side = must(turn.sides.get(name), name);
      const others = new Map(
        to.map((input) => {
          const found = input.tensorFor(side);
          if (typeof found === 'string') throw editInvalid(turn.number, found, turn.where);
          return [input.name, found];
        }),
      );
      return [
        name,
        { edit, number: turn.number, others, stream: streamOf(turn, name), move: null, like: steps },
      ];
    }),
  );
}

function stepsOf(edit: Edit, turn: Turn, chains: Chains): ReadonlyMap<string, Step> {
  if (edit.edit === 'rotate-heads' || edit.edit === 'permute-heads') return planHeads(edit, turn, chains);
  if (edit.edit === 'matched-step') return planMatched(edit, turn);
  return new Map(select(edit, turn).map((side) => [side.info.name, stepOf(edit, side, turn)]));
}

/**
 * How each tensor of the target comes about, by the name that it has where nothing is fused. Reads no weights.
 * Fails with `recipe-invalid`, naming the edit and the tensor that it cannot change.
 */
export function planChains(opened: Opened): Chains {
  const sides = sidesOf(opened.target);
  const chains: Chains = new Map([...sides].map(([name, { info }]) => [name, untouched(info)]));
  for (const [i, edit] of opened.recipe.edits.entries()) {
    const turn = { ...opened, sides, number: i + 1 };
    for (const [name, step] of stepsOf(edit, turn, chains)) {
      const target = must(sides.get(name), name).info;
      chains.set(name, extended(must(chains.get(name), name), step, target));
    }
  }
  return chains;
}

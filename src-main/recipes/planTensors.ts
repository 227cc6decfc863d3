import { elementCount } from '../architecture/sliceTensor.ts';
import { sidesOf } from '../architecture/tensorSides.ts';
import type { Side } from '../architecture/judgeTensors.ts';
import { must } from '../base/assert.ts';
import { quoteName } from '../checkpoint/quoteName.ts';
import { DTYPE_BITS, isComputable, storedTensors, type TensorInfo } from '../contract/checkpoint.ts';
import { madeDtype } from './madeDtype.ts';
import { MADE_OFFSET, madePath } from './madeTensorFile.ts';
import { matrixShape, placeInStored } from './placeInStored.ts';
import { planKey, States } from './planKey.ts';
import { recipeInvalid } from './recipeFault.ts';
import { scaleNames, takenWhole, type Part } from './takenWhole.ts';
import { chainTensors } from './Step.ts';
import type { PartPlan, TakenTensor, TensorPlan } from './TensorPlan.ts';
import type { Chains, Opened } from './Turn.ts';

/** What becomes of the tensors of the target, in its order. */
export interface PlannedTensors {
  readonly tensors: readonly TensorInfo[];
  readonly plans: readonly TensorPlan[];
  readonly taken: readonly TakenTensor[];
}

const isChanged = ({ chain }: Part): boolean => chain.taken || chain.steps.length > 0;
const editsOf = (parts: readonly Part[]): number[] =>
  [...new Set(parts.flatMap(({ chain }) => chain.edits))].toSorted((a, b) => a - b);

/** Plans of the files of one recipe. */
class TensorPlanner {
  readonly #opened: Opened;
  readonly #before: ReadonlyMap<string, TensorPlan>;
  readonly #states = new States();
  readonly plans: TensorPlan[] = [];
  readonly taken: TakenTensor[] = [];
  /** Scales that come along with tensors that were taken. */
  readonly scales = new Map<string, TensorInfo>();

  /** @param before plans of the recipes among the inputs, by file */
  constructor(opened: Opened, before: ReadonlyMap<string, TensorPlan>) {
    this.#opened = opened;
    this.#before = before;
  }

  /** The tensor of the recipe in place of one of the target. */
  replace(stored: TensorInfo, parts: readonly Part[]): TensorInfo {
    if (!parts.some(isChanged)) return { ...stored };
    const edits = editsOf(parts);
    const taken = takenWhole(stored, parts, this.#opened);
    if (taken) {
      this.taken.push({ name: stored.name, edits });
      for (const [name, scale] of taken.scales) this.scales.set(name, { ...scale, name });
      return { ...taken.tensor, name: stored.name };
    }
    const plan = this.#plan(stored, parts, edits);
    this.plans.push(plan);
    const { name, path: file, dtype, shape, bytes } = plan;
    return { name, dtype, shape: [...shape], file, offset: MADE_OFFSET, bytes };
  }

  #plan(stored: TensorInfo, parts: readonly Part[], edits: readonly number[]): TensorPlan {
    const [first] = parts;
    // Of one part it is the part that knows of its scale.
    const dtype = madeDtype(parts.length === 1 && first ? first.side.info : stored);
    const planned = parts.map((part) => this.#part(part, stored, parts.length));
    const shape = stored.shape;
    const sources = planned.flatMap(({ chain, original }) => [...chainTensors(chain), original]);
    const files = [...new Set(sources.flatMap(storedTensors).map(({ file }) => file))];
    const path = madePath(planKey({ dtype, shape }, planned, this.#states));
    const before = files.flatMap((file) => this.#before.get(file) ?? []);
    const bytes = (elementCount(shape) * (DTYPE_BITS[dtype] ?? 0)) / 8;
    const states = new Map(
      files.flatMap((file) =>
        this.#states.files.has(file) ? [[file, this.#states.files.get(file) ?? null]] : [],
      ),
    );
    return { name: stored.name, path, dtype, shape, bytes, parts: planned, edits, files: states, before };
  }

  #part({ side, chain }: Part, stored: TensorInfo, count: number): PartPlan {
    const { info } = side;
    const runs =
      count === 1 && info.shape.join() === stored.shape.join() ? null : placeInStored(info, stored);
    const whole = [{ of: 'rows' as const, from: 0, to: matrixShape(info).rows, start: 0 }];
    if (count > 1 && runs === null) {
      const what = `${quoteName(stored.name)} holds ${quoteName(info.name)} in single numbers between others: it cannot be changed`;
      throw recipeInvalid({ path: [], what }, this.#opened.where);
    }
    if (!isComputable(chain.from)) {
      const what = `${quoteName(stored.name)} holds ${quoteName(info.name)} fused with others, and as ${chain.from.dtype}: it cannot be put together`;
      throw recipeInvalid({ path: [], what }, this.#opened.where);
    }
    return { name: info.name, chain, original: info, runs: runs ?? whole };
  }
}

/** Scales of tensors that are no longer scaled: they would be read as if they still were. */
function droppedScales(
  sides: Iterable<Side>,
  changed: ReadonlySet<string>,
  kept: ReadonlyMap<string, TensorInfo>,
): Set<string> {
  const scaled = [...sides].filter(({ stored }) => changed.has(stored)).map(({ info }) => info);
  return new Set(scaleNames(scaled).filter((name) => !kept.has(name)));
}

/** A tensor that is tied to a changed one is what that one is. */
function withAliases(
  tensors: readonly TensorInfo[],
  sides: ReadonlyMap<string, Side>,
  changed: ReadonlySet<string>,
): TensorInfo[] {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return tensors.map((tensor) => {
    const owner = sides.get(tensor.name)?.role.tiedTo ?? null;
    if (owner === null || !changed.has(owner)) return tensor;
    return { ...must(byName.get(owner), owner), name: tensor.name };
  });
}

/**
 * The tensors of a recipe: those of the target, those taken from other inputs, and those that will be computed, in files that need not be
 * there yet. Fails with `recipe-invalid`.
 */
export function planTensors(
  opened: Opened,
  chains: Chains,
  before: ReadonlyMap<string, TensorPlan>,
): PlannedTensors {
  const sides = sidesOf(opened.target);
  const planner = new TensorPlanner(opened, before);
  const groups = Map.groupBy(sides.values(), ({ stored }) => stored);
  const replaced = opened.target.tensors.map((stored) => {
    const own = groups.get(stored.name) ?? [];
    return planner.replace(
      stored,
      own.map((side) => ({ side, chain: must(chains.get(side.info.name), side.info.name) })),
    );
  });
  const { plans, taken, scales } = planner;
  const changed = new Set([...plans, ...taken].map(({ name }) => name));
  const dropped = droppedScales(sides.values(), changed, scales);
  const kept = replaced
    .filter(({ name }) => !dropped.has(name))
    .map((tensor) => scales.get(tensor.name) ?? tensor);
  return {
    tensors: withAliases(kept, sides, changed),
    plans,
    taken: taken.filter(({ name }) => !dropped.has(name)),
  };
}

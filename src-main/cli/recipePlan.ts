import { existsSync } from 'node:fs';
import { storedTensors, type TensorInfo } from '../contract/checkpoint.ts';
import { confoundsOf } from '../recipes/confoundsOf.ts';
import { chainTensors } from '../recipes/Step.ts';
import { originOf, type RecipeOrigin, type TensorPlan } from '../recipes/TensorPlan.ts';
import type { RecipePlan } from './recipeDocuments.ts';
import type { RecipeFile } from './recipeFile.ts';

const NOTHING: RecipeOrigin = { plans: [], taken: [], before: [], pins: [] };
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Every stored tensor that goes into a made one. */
const sourcesOf = ({ parts }: TensorPlan): TensorInfo[] =>
  parts.flatMap(({ chain, original }) => [...chainTensors(chain), original]).flatMap(storedTensors);

/** Bytes of what is read for some plans, each tensor once. */
function bytesRead(plans: readonly TensorPlan[]): number {
  const places = plans
    .flatMap(sourcesOf)
    .map(({ file, offset, bytes }) => [`${file}\0${String(offset)}`, bytes] as const);
  return sum([...new Map(places).values()]);
}

function largestOf(plans: readonly TensorPlan[]): RecipePlan['largest'] {
  const size = ({ shape }: TensorPlan): number => shape.reduce((product, n) => product * n, 1);
  const [first] = plans.toSorted((a, b) => size(b) - size(a));
  return first ? { tensor: first.name, shape: [...first.shape], float64Bytes: 8 * size(first) } : null;
}

/** What a recipe changes, edit by edit, and what making it costs. Looks at headers and at what is in the work folder. */
export function recipePlan({ recipe, checkpoint }: RecipeFile): Omit<RecipePlan, 'schema' | 'path'> {
  const { plans, taken, before } = originOf(checkpoint.tensors) ?? NOTHING;
  const bytesOf = new Map(checkpoint.tensors.map(({ name, bytes }) => [name, bytes]));
  const changed = [...plans, ...taken];
  const missing = [...new Map([...before, ...plans].map((plan) => [plan.path, plan])).values()].filter(
    ({ path }) => !existsSync(path),
  );
  const edits = recipe.edits.map((edit, i) => {
    const own = changed.filter((tensor) => tensor.edits.includes(i + 1));
    return {
      edit,
      tensors: own.length,
      computed: own.filter((tensor) => plans.some((plan) => plan === tensor)).length,
      bytes: sum(own.map(({ name }) => bytesOf.get(name) ?? 0)),
    };
  });
  return {
    recipe,
    tensors: checkpoint.tensors.length,
    bytes: checkpoint.bytes,
    edits,
    confounds: confoundsOf(recipe, checkpoint),
    taken: taken.length,
    computed: plans.length,
    computedBytes: sum(plans.map(({ bytes }) => bytes)),
    missing: missing.length,
    missingBytes: sum(missing.map(({ bytes }) => bytes)),
    bytesRead: bytesRead(missing),
    largest: largestOf(missing),
  };
}

import { createHash } from 'node:crypto';
import { rmSync, statfsSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import type { Checkpoint } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { Recipe } from '../contract/recipe.ts';
import { openEndpoint } from '../inference/endpoint/openEndpoint.ts';
import type { ModelBench } from '../inference/Evaluator.ts';
import { openBench, type BenchRequest } from '../inference/openBench.ts';
import { MemoryBudget } from '../kernels/MemoryBudget.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import { answerProbe } from '../probes/answerProbe.ts';
import { readProbe } from '../probes/readProbe.ts';
import { confoundsOf } from '../recipes/confoundsOf.ts';
import { makeTensors } from '../recipes/makeTensors.ts';
import { modelFingerprint } from '../recipes/modelFingerprint.ts';
import { openModel, openRecipe } from '../recipes/openModel.ts';
import { readRecipe } from '../recipes/readRecipe.ts';
import { workFolder } from '../recipes/workFolder.ts';
import { anonymousBytes, PROCESS_BYTES } from '../study/limits.ts';
import { distance, drift } from './distance.ts';
import type { SweepServices } from './SweepServices.ts';

/** Sweeps of one target that may run side by side, each with a converted model of its own. */
const MOST_BENCHES = 8;

/** Free disk, in models, below which the tensors of a trial go as soon as it is answered. */
const SHORT_OF_DISK = 3;

/** A recipe whose inputs are found from anywhere. */
function absoluteRecipe(path: string): Recipe {
  const recipe = readRecipe(path);
  const folder = dirname(resolve(path));
  const inputs = Object.entries(recipe.inputs).map(([name, input]) => [
    name,
    { ...input, path: resolve(folder, input.path) },
  ]);
  return { ...recipe, inputs: Object.fromEntries(inputs) as Recipe['inputs'] };
}

/** The converted model of a target is used again by the next sweep of it; one that another process uses is left to it. */
async function freeBench(
  target: Checkpoint,
  request: Omit<BenchRequest, 'folder'>,
  bench = 1,
): Promise<ModelBench> {
  const name = createHash('sha256').update(target.path).digest('hex').slice(0, 16);
  const folder = join(workFolder(), 'models', `${name}-${String(bench)}`);
  try {
    return await openBench(target, { ...request, folder });
  } catch (error) {
    const isBusy = error instanceof PolarimeterError && error.code === 'model-busy';
    if (!isBusy || bench === MOST_BENCHES) throw error;
    return freeBench(target, request, bench + 1);
  }
}

/** Removes what a recipe computed where the disk of the work folder is nearly full. Nothing outside of it is touched. */
function tidy({ recipe, tensors, bytes }: Checkpoint): void {
  if (!recipe) return;
  const work = workFolder();
  const { bavail, bsize } = statfsSync(work);
  if (bavail * bsize > SHORT_OF_DISK * bytes) return;
  const made = new Set(recipe.made);
  for (const { name, file } of tensors)
    if (made.has(name) && file.startsWith(work + sep)) rmSync(file, { force: true });
}

/** What sweeps are really done with. @param env variables with the keys of servers */
export function sweepServices(
  kernels: Kernels,
  {
    memoryBytes,
    env,
  }: { readonly memoryBytes: number; readonly env: Readonly<Record<string, string | undefined>> },
): SweepServices {
  const budget = new MemoryBudget(memoryBytes - PROCESS_BYTES);
  return {
    openModel: (path) => openModel(path),
    openRecipe: (recipe, folder) => openRecipe(recipe, folder),
    readRecipe: absoluteRecipe,
    confoundsOf,
    makeTensors: (checkpoint, signal, onTensor) =>
      makeTensors(checkpoint, kernels, { budget, signal, onTensor }),
    modelFingerprint: (checkpoint, signal) => modelFingerprint(checkpoint, kernels, { signal }),
    tidy,
    distance: (from, to, signal) => distance(from, to, { kernels, signal }),
    drift: (from, to, signal) => drift(from, to, { kernels, signal }),
    readProbe: (choice) => readProbe(choice, process.cwd()),
    openBench: (target, choice, { settings, signal }) =>
      freeBench(target, { choice, settings, kernels, signal }),
    openEndpoint: (choice) => openEndpoint(choice, env),
    answerProbe: (evaluator, probe, { settings, known, signal, onOutcome }) =>
      answerProbe(evaluator, probe, settings, { known, signal, onOutcome }),
    anonymousBytes,
  };
}

import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Checkpoint } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { MadeTensor, Recipe } from '../contract/recipe.ts';
import type { Exported, ExportTrial, Trial } from '../contract/sweep.ts';
import type { SweepServices } from '../experiments/SweepServices.ts';
import { checkSpace } from '../exports/diskSpace.ts';
import { mergekitText } from '../exports/mergekit.ts';
import { makeParents, refuseSourceFolders, removeParents, siblingOf } from '../exports/outputFolder.ts';
import { sourceFolders } from '../exports/sourceFolders.ts';
import { writeCheckpoint } from '../exports/writeCheckpoint.ts';
import { writingTo } from '../exports/writeErrors.ts';
import { planGguf } from '../inference/gguf/planGguf.ts';
import { writeGguf } from '../inference/gguf/writeGguf.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import { pinRecipe } from '../recipes/pinRecipe.ts';
import { writeRecipe } from '../recipes/recipeText.ts';
import type { ExportWatch } from './SweepEngine.ts';

type Services = Pick<SweepServices, 'openModel' | 'openRecipe' | 'makeTensors'>;

/** What an export is made with, and who follows it. */
export interface ExportPlace {
  /** What relative paths of the recipe are relative to. */
  readonly folder: string;
  readonly services: Services;
  readonly kernels: Kernels;
  readonly watch: ExportWatch;
}

interface Subject extends ExportPlace {
  readonly recipe: Recipe;
  readonly checkpoint: Checkpoint;
  readonly path: string;
}

function make({ checkpoint, services, watch }: Subject): Promise<readonly MadeTensor[]> {
  return services.makeTensors(checkpoint, watch.signal, (_, { done, total }) =>
    watch.onProgress({ stage: 'make', done, total }),
  );
}

async function exportRecipe({ recipe, folder, kernels, path, watch }: Subject): Promise<Exported> {
  writeRecipe(path, await pinRecipe(recipe, folder, kernels, { signal: watch.signal }));
  return {
    path,
    bytes: statSync(path).size,
    notes: ['Its inputs are pinned: it is refused when one of them is no longer the same.'],
  };
}

async function exportCheckpoint(subject: Subject): Promise<Exported> {
  const { recipe, checkpoint, folder, kernels, path, watch } = subject;
  const written = await writeCheckpoint(checkpoint, path, {
    kernels,
    signal: watch.signal,
    recipe: { recipe, folder, make: () => make(subject) },
    onProgress: ({ stage, bytes, totalBytes }) => watch.onProgress({ stage, done: bytes, total: totalBytes }),
  });
  const bytes = written.files.reduce((sum, file) => sum + statSync(join(path, file)).size, 0);
  return { path, bytes, notes: ['README.md and polarimeter-provenance.json say what it is made of.'] };
}

async function exportGguf(subject: Subject): Promise<Exported> {
  const { checkpoint, kernels, path, watch } = subject;
  const plan = planGguf(checkpoint, 'stored');
  checkSpace(path, plan.bytes);
  await make(subject);
  const beside = siblingOf(path, 'writing');
  try {
    await writeGguf(plan, beside, kernels, {
      signal: watch.signal,
      onProgress: (done) => watch.onProgress({ stage: 'write', done, total: plan.bytes }),
    });
    if (existsSync(path))
      throw new PolarimeterError('output-exists', 'something came to this path meanwhile', path);
    renameSync(beside, path);
  } finally {
    rmSync(beside, { force: true });
  }
  return { path, bytes: plan.bytes, notes: [...plan.warnings] };
}

function exportMergekit({ recipe, folder, services, path }: Subject): Exported {
  const target = recipe.inputs[recipe.target]?.path ?? '';
  const found = mergekitText(recipe, { folder, target: services.openModel(target) });
  if ('reason' in found)
    throw new PolarimeterError(
      'recipe-not-expressible',
      `mergekit cannot express this recipe: ${found.reason}`,
      path,
    );
  writeFileSync(path, found.text, { flag: 'wx' });
  return { path, bytes: statSync(path).size, notes: [] };
}

const FORMS: Readonly<Record<ExportTrial['as'], (subject: Subject) => Exported | Promise<Exported>>> = {
  recipe: exportRecipe,
  checkpoint: exportCheckpoint,
  gguf: exportGguf,
  mergekit: exportMergekit,
};

/** An export replaces nothing. fails output-exists */
export function refuseTaken(path: string): void {
  if (existsSync(path))
    throw new PolarimeterError(
      'output-exists',
      'there is something at this path already',
      path,
      'choose another path',
    );
}

/**
 * Writes the recipe of a trial in one of the forms. Folders around the path are made; unless it ends well, nothing is left of it but
 * whole tensors in the work folder.
 * fails usage for a model, source-folder output-exists disk-space write-failed recipe-not-expressible cancelled, and as making the recipe does
 */
export async function exportTrial(
  { recipe, label }: Trial,
  { as, path }: ExportTrial,
  place: ExportPlace,
): Promise<Exported> {
  if (recipe === null)
    throw new PolarimeterError('usage', 'an unedited model has no recipe to be exported', label);
  refuseTaken(path);
  const { services, folder } = place;
  const checkpoint = services.openRecipe(recipe, folder);
  refuseSourceFolders(path, sourceFolders(checkpoint, services.openModel));
  return writingTo(path, async () => {
    const parents = makeParents(path);
    try {
      return await FORMS[as]({ ...place, recipe, checkpoint, path });
    } catch (error) {
      removeParents(parents);
      throw error;
    }
  });
}

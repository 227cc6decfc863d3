import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Checkpoint } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { Recipe } from '../contract/recipe.ts';
import type { Exported, ExportTrial, Trial } from '../contract/sweep.ts';
import type { SweepServices } from '../experiments/SweepServices.ts';
import { checkSpace } from '../exports/diskSpace.ts';
import { mergekitText } from '../exports/mergekit.ts';
import { refuseSourceFolders } from '../exports/outputFolder.ts';
import { sourceFolders } from '../exports/sourceFolders.ts';
import { writeCheckpoint } from '../exports/writeCheckpoint.ts';
import { planGguf } from '../inference/gguf/planGguf.ts';
import { writeGguf } from '../inference/gguf/writeGguf.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import { pinRecipe } from '../recipes/pinRecipe.ts';
import { writeError, writeRecipe } from '../recipes/recipeText.ts';

type Services = Pick<SweepServices, 'openModel' | 'openRecipe' | 'makeTensors'>;

/** What an export is made with. */
export interface ExportPlace {
  /** What relative paths of the recipe are relative to. */
  readonly folder: string;
  readonly services: Services;
  readonly kernels: Kernels;
}

interface Subject extends ExportPlace {
  readonly recipe: Recipe;
  readonly checkpoint: Checkpoint;
  readonly path: string;
}

const neverAborted = (): AbortSignal => new AbortController().signal;

async function exportRecipe({ recipe, folder, kernels, path }: Subject): Promise<Exported> {
  writeRecipe(path, await pinRecipe(recipe, folder, kernels, { signal: neverAborted() }));
  return {
    path,
    bytes: statSync(path).size,
    notes: ['Its inputs are pinned: it is refused when one of them is no longer the same.'],
  };
}

async function exportCheckpoint(subject: Subject): Promise<Exported> {
  const { recipe, checkpoint, folder, services, kernels, path } = subject;
  const signal = neverAborted();
  const written = await writeCheckpoint(checkpoint, path, {
    kernels,
    signal,
    recipe: { recipe, folder, make: () => services.makeTensors(checkpoint, signal) },
  });
  const bytes = written.files.reduce((sum, file) => sum + statSync(join(path, file)).size, 0);
  return { path, bytes, notes: ['README.md and polarimeter-provenance.json say what it is made of.'] };
}

async function exportGguf({ checkpoint, services, kernels, path }: Subject): Promise<Exported> {
  const signal = neverAborted();
  const plan = planGguf(checkpoint, 'stored');
  checkSpace(path, plan.bytes);
  await services.makeTensors(checkpoint, signal);
  const temporary = `${path}.part`;
  try {
    await writeGguf(plan, temporary, kernels, { signal });
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
  return { path, bytes: plan.bytes, notes: [...plan.warnings] };
}

function exportMergekit({ recipe, folder, services, path }: Subject): Exported {
  const target = recipe.inputs[recipe.target]?.path ?? '';
  const found = mergekitText(recipe, { folder, target: services.openModel(target) });
  if ('reason' in found)
    throw new PolarimeterError('not-supported', `mergekit cannot express this recipe: ${found.reason}`, path);
  writeFileSync(path, found.text, { flag: 'wx' });
  return { path, bytes: statSync(path).size, notes: [] };
}

const FORMS: Readonly<Record<ExportTrial['as'], (subject: Subject) => Exported | Promise<Exported>>> = {
  recipe: exportRecipe,
  checkpoint: exportCheckpoint,
  gguf: exportGguf,
  mergekit: exportMergekit,
};

/**
 * Writes the recipe of a trial in one of the forms. Folders around the path are made.
 * fails usage for a model, source-folder output-exists disk-space write-failed not-supported, and as making the recipe does
 */
export async function exportTrial(
  { recipe, label }: Trial,
  { as, path }: ExportTrial,
  place: ExportPlace,
): Promise<Exported> {
  if (recipe === null)
    throw new PolarimeterError('usage', 'an unedited model has no recipe to be exported', label);
  const { services, folder } = place;
  const checkpoint = services.openRecipe(recipe, folder);
  refuseSourceFolders(path, sourceFolders(checkpoint, services.openModel));
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw writeError(error, path);
  }
  return FORMS[as]({ ...place, recipe, checkpoint, path });
}

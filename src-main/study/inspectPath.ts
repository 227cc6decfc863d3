import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { describeTensors } from '../architecture/describeTensors.ts';
import { compareRoles } from '../architecture/modelOrder.ts';
import type { Inspection } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { discoverCheckpoints } from '../checkpoint/discoverCheckpoints.ts';
import { accessing } from '../checkpoint/fileErrors.ts';
import { readStudyName } from '../checkpoint/studyFolder.ts';
import { openModel } from '../recipes/openModel.ts';

/** Codes that say "there is no checkpoint here", as against "there is one, and it is damaged". */
const NO_CHECKPOINT = new Set([
  'not-a-checkpoint',
  'unsupported-format',
  'incomplete-download',
  'ambiguous-folder',
  'adapter-base-missing',
]);

/** Tensors and roles side by side, in model order. */
function inspectCheckpoint(path: string, adapterBase: string | null): Inspection {
  const checkpoint = openModel(path, { named: adapterBase, fallback: null });
  const roles = describeTensors(checkpoint).toSorted(compareRoles);
  const byName = new Map(checkpoint.tensors.map((tensor) => [tensor.name, tensor]));
  const tensors = roles.flatMap(({ tensor }) => byName.get(tensor) ?? []);
  return { kind: 'checkpoint', checkpoint: { ...checkpoint, tensors }, roles };
}

/** Checkpoints below a folder that is none itself; `own` is why it is none. */
function inspectCollection(path: string, own: PolarimeterError): Inspection {
  const { found, rejected } = discoverCheckpoints([path]);
  // An adapter without its base is found, by its own files alone.
  if (found.every((each) => each.path === path)) {
    // What the folder itself holds is nearest; a plain folder of folders has nothing to say for itself.
    throw own.code === 'not-a-checkpoint' ? (rejected[0]?.error ?? own) : own;
  }
  return {
    kind: 'collection',
    path,
    found,
    rejected: rejected.map((each) => ({ path: each.path, reason: each.error.message })),
  };
}

/**
 * Says what a path is: a checkpoint or the recipe of one, a study, or a folder with checkpoints below. Reads headers only.
 * When it is none of these, fails with the nearest reason.
 * @param adapterBase what an adapter is laid on, in place of what it names itself
 */
export function inspectPath(path: string, adapterBase: string | null = null): Inspection {
  const absolute = resolve(path);
  const isFolder = accessing(absolute, () => statSync(absolute)).isDirectory();
  const folder = isFolder ? absolute : dirname(absolute);
  if (isFolder || basename(absolute) === 'study.json') {
    const name = readStudyName(folder);
    if (name !== null) return { kind: 'study', path: folder, name };
  }
  try {
    return inspectCheckpoint(absolute, adapterBase);
  } catch (error) {
    if (!isFolder || !(error instanceof PolarimeterError) || !NO_CHECKPOINT.has(error.code)) throw error;
    return inspectCollection(absolute, error);
  }
}

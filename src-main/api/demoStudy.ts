import { accessSync, constants, existsSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { GenerationSettings } from '../contract/evaluator.ts';
import type { ProbeChoice } from '../contract/probe.ts';
import type { StudyFile } from '../contract/study.ts';
import { readStudyFile } from '../study/studyFile.ts';
import type { UserPlace } from './stateFolder.ts';

/** The embedded demo study for a folder of its own: what is shipped is only read. Fails as reading study.json does. */
export function demoStudy(root: string, folder: string): { folder: string; file: StudyFile } {
  const shipped = shippedDemo(root);
  const file = readStudyFile(shipped);
  const absolute = <T extends { path: string }>(place: T): T => ({
    ...place,
    path: resolve(shipped, place.path),
  });
  return { folder, file: { ...file, base: absolute(file.base), variants: file.variants.map(absolute) } };
}

/** How the accuracies of the demo's README were measured: greedy, with no more than 24 tokens. */
export const DEMO_SETTINGS: GenerationSettings = GenerationSettings.parse({ maxTokens: 24 });

/** Whether a checkpoint is one of those that are shipped. */
export const isDemoModel = (root: string, path: string): boolean => path.startsWith(shippedDemo(root) + sep);

/** The two probes of the demo study. */
export function demoProbes(root: string): ProbeChoice[] {
  const path = (kind: string): string => join(shippedDemo(root), 'probes', `${kind}.jsonl`);
  return (['id', 'ood'] as const).map((kind) => ({ name: kind, kind, path: path(kind), limit: null }));
}

/** In a packaged app the study lies beside the archive, where native code can map its files. */
function shippedDemo(root: string): string {
  const inRoot = join(root, 'resources', 'demo');
  const { resourcesPath } = process as { resourcesPath?: string };
  return resourcesPath === undefined || existsSync(inRoot) ? inRoot : join(resourcesPath, 'demo');
}

/**
 * Where the demo's results go: beside the checkout, where the command line keeps them too. With the user's other studies where the
 * installation cannot be written, or where POLARIMETER_STATE asks for a place of its own.
 */
export function demoFolder(root: string, studies: string, env: UserPlace['env'] = process.env): string {
  if (env['POLARIMETER_STATE'] !== undefined) return join(studies, 'demo');
  try {
    accessSync(root, constants.W_OK);
    return join(root, '.polarimeter', 'demo');
  } catch {
    return join(studies, 'demo');
  }
}

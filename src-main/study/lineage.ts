import type { StudyFile } from '../contract/study.ts';
import { checkpointPath } from './studyFile.ts';

/** What makes two studies the same, whatever their options: who is compared with what. */
export function lineage(folder: string, { base, variants }: StudyFile): unknown {
  return [
    checkpointPath(folder, base.path),
    variants.map(({ label, role, path, from, adapterBase }) => [
      label,
      role,
      checkpointPath(folder, path),
      from,
      adapterBase && checkpointPath(folder, adapterBase),
    ]),
  ];
}

import { readHints } from '../checkpoint/readHints.ts';
import type { Inspection } from '../contract/checkpoint.ts';
import type { InspectionSummary } from '../contract/routes.ts';
import { checkpointSummary } from './checkpointSummary.ts';

/** What a form needs to know of a path. */
export function inspectionSummary(inspection: Inspection): InspectionSummary {
  if (inspection.kind !== 'checkpoint') return inspection;
  const { checkpoint } = inspection;
  return { kind: 'checkpoint', checkpoint: checkpointSummary(checkpoint), hints: readHints(checkpoint.path) };
}

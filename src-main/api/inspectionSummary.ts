import { readHints } from '../checkpoint/readHints.ts';
import type { Inspection } from '../contract/checkpoint.ts';
import type { InspectionSummary } from '../contract/routes.ts';

/** What a form needs to know of a path: the counts of a checkpoint instead of its tensors, which may be tens of thousands. */
export function inspectionSummary(inspection: Inspection): InspectionSummary {
  if (inspection.kind !== 'checkpoint') return inspection;
  const { tensors, ...checkpoint } = inspection.checkpoint;
  const dtypes = [...new Set(tensors.map(({ dtype }) => dtype))];
  const hints = readHints(checkpoint.path);
  return { kind: 'checkpoint', checkpoint: { ...checkpoint, tensorCount: tensors.length }, dtypes, hints };
}

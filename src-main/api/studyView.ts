import { must } from '../base/assert.ts';
import { publishedReferences } from '../claims/publishedReferences.ts';
import type { StudyView } from '../contract/routes.ts';
import type { CostEstimate, Progress } from '../contract/study.ts';
import type { Study } from '../study/Study.ts';
import { checkpointSummary } from './checkpointSummary.ts';
import { labelledAlignments } from './labelledAlignments.ts';

/** All that a page needs to know of a study before it asks for rows. */
export function studyView(
  id: string,
  study: Study,
  now: { progress: Progress; revision: number; estimate: CostEstimate | null },
): StudyView {
  const checkpoint = (label: string): StudyView['base'] =>
    checkpointSummary(must(study.checkpoints.get(label), `checkpoint of ${label}`));
  return {
    id,
    folder: study.folder,
    file: study.file,
    base: checkpoint('base'),
    variants: labelledAlignments(study).map(({ tensors: _, ...alignment }) => ({
      label: alignment.variant,
      checkpoint: checkpoint(alignment.variant),
      alignment,
    })),
    ...now,
    measures: study.measures(),
    references: publishedReferences(study.measures()),
    layers: [...study.layers],
    modules: [...study.modules],
  };
}

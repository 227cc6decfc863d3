import { must } from '../base/assert.ts';
import type { Alignment } from '../contract/alignment.ts';
import type { Study } from '../study/Study.ts';

/** The alignments of a study in the order of its variants, under the labels of the study instead of paths. */
export function labelledAlignments(study: Study): Alignment[] {
  return study.file.variants.map(({ label, from }) => {
    const alignment = must(study.alignments.get(label), `alignment of ${label}`);
    return { ...alignment, reference: from, variant: label };
  });
}

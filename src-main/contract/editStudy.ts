import { z } from 'zod';
import { StudyFile } from './study.ts';

/** What can be changed of a study after it was made: everything of study.json but the base. */
export const StudyEdit = StudyFile.pick({ name: true, variants: true, options: true, notes: true });
export type StudyEdit = z.infer<typeof StudyEdit>;

/** PUT /api/studies/:id ; the reply is the StudyView afterwards. */
export const EditStudy = StudyEdit.extend({
  /** StudyView.revision that the edit was made on: an edit of something older is refused with `study-changed`. */
  revision: z.number().int().nonnegative(),
});
export type EditStudy = z.infer<typeof EditStudy>;

/** The part of study.json that edits change. */
export function editOf({ name, variants, options, notes }: StudyFile): StudyEdit {
  return { name, variants, options, notes };
}

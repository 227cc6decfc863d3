import type { CurvesDocument } from '../contract/rows.ts';
import type { Study } from '../study/Study.ts';

/** Stored curves of one tensor. fails usage for a tensor that the study does not compare */
export function curvesReply(study: Study, tensor: string): CurvesDocument {
  return { schema: 'polarimeter.curves/1', study: study.file.name, tensor, curves: study.curves(tensor) };
}

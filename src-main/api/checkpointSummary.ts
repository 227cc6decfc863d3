import type { Checkpoint } from '../contract/checkpoint.ts';
import type { StudyView } from '../contract/routes.ts';

/** What pages need to know of a checkpoint: counts instead of its tensors, which may be tens of thousands. */
export function checkpointSummary({ tensors, ...rest }: Checkpoint): StudyView['base'] {
  return { ...rest, tensorCount: tensors.length, dtypes: [...new Set(tensors.map(({ dtype }) => dtype))] };
}

import type { Checkpoint } from '../contract/checkpoint.ts';
import { describeTensors } from './describeTensors.ts';
import type { Side } from './judgeTensors.ts';
import { logicalTensors } from './logicalTensors.ts';

/** The tensors of a checkpoint by name: as they are compared and edited, with what they are. */
export type Sides = ReadonlyMap<string, Side>;

/** By the tensors of a checkpoint: most are compared several times, always under the same config. */
const knownSides = new WeakMap<Checkpoint['tensors'], { config: Checkpoint['config']; sides: Sides }>();

/** The tensors of a checkpoint and what they are. Made once: it takes the most of aligning a large model. */
export function sidesOf(checkpoint: Checkpoint): Sides {
  const { tensors, config } = checkpoint;
  const known = knownSides.get(tensors);
  if (known && known.config === config) return known.sides;
  const sides = describedSides(checkpoint);
  knownSides.set(tensors, { config, sides });
  return sides;
}

function describedSides(checkpoint: Checkpoint): Sides {
  const logical = logicalTensors(checkpoint);
  const tensors = logical.map(({ info }) => info);
  const transposed = new Set(
    logical.flatMap(({ info, outputs }) => (outputs === 'columns' ? info.name : [])),
  );
  const roles = describeTensors({ ...checkpoint, tensors }, transposed);
  return new Map(
    logical.flatMap((tensor, i) => (roles[i] ? [[tensor.info.name, { ...tensor, role: roles[i] }]] : [])),
  );
}

import { isBookkeeping } from '../architecture/bookkeeping.ts';
import type { Side } from '../architecture/judgeTensors.ts';
import { storedTensors, type Checkpoint, type TensorInfo } from '../contract/checkpoint.ts';
import type { Chain } from './Step.ts';
import type { Opened } from './Turn.ts';

/** A part of a stored tensor, and how it comes about. */
export interface Part {
  readonly side: Side;
  readonly chain: Chain;
}

export interface Taken {
  readonly tensor: TensorInfo;
  /** Scales of the target, by name, and what they are now. */
  readonly scales: ReadonlyMap<string, TensorInfo>;
}

const NO_SCALES: Taken['scales'] = new Map();

/** Names of the stored scales that some parts are read with. */
export function scaleNames(parts: readonly TensorInfo[]): string[] {
  const names = parts.flatMap(storedTensors).map(({ name }) => name);
  return [...new Set(names.filter((name) => isBookkeeping(name, [])))];
}

const find = ({ tensors }: Checkpoint, name: string): TensorInfo | undefined =>
  tensors.find((tensor) => tensor.name === name);

/** The scale that comes along with numbers that are read with one; null where the target has no such place for it. */
function scalesOf(parts: readonly Part[], target: Checkpoint, donor: Checkpoint): Taken['scales'] | null {
  const [own, ...more] = scaleNames(parts.map(({ side }) => side.info));
  const [other, ...others] = scaleNames(parts.map(({ chain }) => chain.from));
  if (own === undefined && other === undefined) return NO_SCALES;
  if (own === undefined || other === undefined || more.length + others.length > 0) return null;
  const [place, scale] = [find(target, own), find(donor, other)];
  return place && scale && place.shape.join() === scale.shape.join() ? new Map([[own, scale]]) : null;
}

/**
 * The stored tensor of another input that all parts were taken from, with its scale, where it holds them in the same places; of a tensor
 * in one part whatever was taken. Null where anything must be put together.
 */
export function takenWhole(
  stored: TensorInfo,
  parts: readonly Part[],
  { inputs, target }: Opened,
): Taken | null {
  if (!parts.every(({ chain }) => chain.taken && chain.steps.length === 0)) return null;
  const sources = parts.map(({ chain }) => chain.from);
  for (const input of inputs.values()) {
    const tensor = input.wholeOf(sources);
    if (tensor?.shape.join() !== stored.shape.join()) continue;
    const scales = scalesOf(parts, target, input.checkpoint);
    if (scales) return { tensor, scales };
  }
  const [first] = parts;
  const isWhole = parts.length === 1 && first?.side.info.shape.join() === stored.shape.join();
  return isWhole ? { tensor: first.chain.from, scales: NO_SCALES } : null;
}

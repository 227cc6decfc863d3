import { describeTensors } from '../architecture/describeTensors.ts';
import { isComputable, type Checkpoint, type TensorInfo, type TensorRole } from '../contract/checkpoint.ts';
import { placeOf } from '../contract/placeOf.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import type { PairElements } from '../kernels/elementPassResult.ts';
import { tensorSource } from '../tensors/tensorSource.ts';
import type { Distance, Drift } from './SweepServices.ts';

/** Element passes side by side. */
const AT_ONCE = 16;

interface Pair {
  readonly role: TensorRole;
  readonly from: TensorInfo;
  readonly to: TensorInfo;
}

/** Tensors of the same name and shape that both have, each weight once. */
function pairsOf(from: Checkpoint, to: Checkpoint): Pair[] {
  const others = new Map(to.tensors.map((tensor) => [tensor.name, tensor]));
  return describeTensors(from).flatMap((role, i): Pair[] => {
    const [own, other] = [from.tensors[i], others.get(role.tensor)];
    if (!own || !other || role.tiedTo !== null) return [];
    const isAlike = own.shape.join() === other.shape.join() && isComputable(own) && isComputable(other);
    return isAlike ? [{ role, from: own, to: other }] : [];
  });
}

async function elements(
  pairs: readonly Pair[],
  kernels: Pick<Kernels, 'elementPass'>,
  signal: AbortSignal,
): Promise<Map<Pair, PairElements>> {
  const found = new Map<Pair, PairElements>();
  const waiting = [...pairs];
  const worker = async (): Promise<void> => {
    for (let pair = waiting.shift(); pair !== undefined; pair = waiting.shift()) {
      const request = { reference: tensorSource(pair.from), variants: [tensorSource(pair.to)] };
      const { pairs: results } = await kernels.elementPass(request, { signal });
      if (results[0]) found.set(pair, results[0]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return found;
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

/** How far one checkpoint lies from another. Only tensors that lie elsewhere on disk are read. fails as element passes do */
export async function distance(
  from: Checkpoint,
  to: Checkpoint,
  { kernels, signal }: { readonly kernels: Pick<Kernels, 'elementPass'>; readonly signal: AbortSignal },
): Promise<Distance> {
  const pairs = pairsOf(from, to);
  const moved = pairs.filter((pair) => placeOf(pair.from) !== placeOf(pair.to));
  const found = await elements(moved, kernels, signal);
  const squares = [...found.values()].map(({ sumSqUpdate }) => sumSqUpdate);
  return { norm: Math.sqrt(sum(squares)), tensors: pairs.length };
}

/** How far every matrix of the layers moved. fails as element passes do */
export async function drift(
  from: Checkpoint,
  to: Checkpoint,
  { kernels, signal }: { readonly kernels: Pick<Kernels, 'elementPass'>; readonly signal: AbortSignal },
): Promise<Drift[]> {
  const pairs = pairsOf(from, to).filter(({ role }) => role.layer !== null && role.kind === 'matrix');
  const found = await elements(pairs, kernels, signal);
  return pairs.flatMap((pair): Drift[] => {
    const result = found.get(pair);
    const { layer, module } = pair.role;
    return result && layer !== null
      ? [{ layer, module, moved: result.sumSqUpdate, size: result.sumSqReference }]
      : [];
  });
}

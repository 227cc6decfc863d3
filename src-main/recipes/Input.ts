import { isTokenEmbedding, isTokenHead } from '../architecture/tensorKind.ts';
import { tiesEmbeddings } from '../architecture/tiedTensors.ts';
import { turned, type Side } from '../architecture/judgeTensors.ts';
import { matchNames } from '../architecture/matchNames.ts';
import { sidesOf, type Sides } from '../architecture/tensorSides.ts';
import { quoteName } from '../checkpoint/quoteName.ts';
import type { Checkpoint, TensorInfo } from '../contract/checkpoint.ts';
import { placeOf } from '../contract/placeOf.ts';

const partsKey = (parts: readonly TensorInfo[]): string => parts.map(placeOf).join();

/** Stored tensors by the parts that they come apart into. */
function wholesOf({ tensors }: Checkpoint, sides: Sides): Map<string, TensorInfo> {
  const groups = Map.groupBy(sides.values(), ({ stored }) => stored);
  return new Map(
    tensors.map((tensor) => [partsKey((groups.get(tensor.name) ?? []).map(({ info }) => info)), tensor]),
  );
}

/** An input of a recipe, opened, and how its tensors correspond to those of the target. */
export class Input {
  readonly name: string;
  readonly checkpoint: Checkpoint;
  readonly #sides: Sides;
  #wholes: ReadonlyMap<string, TensorInfo> | null = null;
  readonly #names: ReadonlyMap<string, { readonly name: string }>;

  constructor(name: string, checkpoint: Checkpoint, target: Checkpoint) {
    this.name = name;
    this.checkpoint = checkpoint;
    this.#sides = sidesOf({ ...checkpoint, config: checkpoint.config ?? target.config });
    const own = sidesOf({ ...target, config: target.config ?? checkpoint.config });
    this.#names = matchNames([...own.keys()], [...this.#sides.keys()]).pairs;
  }

  /** Whether it has a tensor under this name of the target, or under another name for the same. */
  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** The tensor that corresponds to one of the target, rows and columns as there; or in words why there is none. */
  tensorFor(side: Side): TensorInfo | string {
    const match = this.#names.get(side.info.name);
    const found = match ? this.#sides.get(match.name) : this.#tiedHead(side);
    if (!found) return `${quoteName(this.name)} has no tensor ${quoteName(side.info.name)}`;
    const { variant } = turned(side, found);
    if (variant.shape.join() !== side.info.shape.join()) {
      const shapes = `[${found.info.shape.join(', ')}] there and [${side.info.shape.join(', ')}] in the target`;
      return `${quoteName(side.info.name)} of ${quoteName(this.name)} has another shape: ${shapes}`;
    }
    return { ...variant, name: side.info.name };
  }

  /** The stored tensor of which these are all parts, in order; undefined where there is none. */
  wholeOf(parts: readonly TensorInfo[]): TensorInfo | undefined {
    this.#wholes ??= wholesOf(this.checkpoint, this.#sides);
    return this.#wholes.get(partsKey(parts));
  }

  /** Where this input ties its head to the embedding and the target does not, the embedding is its head. */
  #tiedHead({ role }: Side): Side | undefined {
    const config = this.checkpoint.config;
    if (!isTokenHead(role) || !tiesEmbeddings(config)) return undefined;
    return [...this.#sides.values()].find((side) => isTokenEmbedding(side.role));
  }
}

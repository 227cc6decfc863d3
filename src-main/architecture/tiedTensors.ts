import type { Checkpoint, ModelConfig, TensorInfo, TensorRole } from '../contract/checkpoint.ts';
import { placeOf } from '../contract/placeOf.ts';
import { modelFamily } from './families.ts';
import { isTokenEmbedding, isTokenHead } from './tensorKind.ts';

type Described = { readonly tensor: TensorInfo; readonly role: TensorRole };

const sameShape = (a: TensorInfo, b: TensorInfo): boolean => a.shape.join() === b.shape.join();

/** Tensors that are the very same elements in the same place as an earlier one, by name. */
function sharedBytes(described: readonly Described[]): Map<string, string> {
  const owners = new Map<string, TensorInfo>();
  const aliases = new Map<string, string>();
  // A head is the alias of an embedding, not the other way round.
  const heads = described.filter(({ role }) => role.kind === 'head');
  for (const { tensor } of [...described.filter(({ role }) => role.kind !== 'head'), ...heads]) {
    const key = placeOf(tensor);
    const owner = owners.get(key);
    if (owner === undefined) owners.set(key, tensor);
    else if (tensor.bytes > 0) aliases.set(tensor.name, owner.name);
  }
  return aliases;
}

/** Whether a model uses its token embedding as output head, by config.json or else by the default of its family. */
export function tiesEmbeddings(config: ModelConfig | null): boolean {
  return config?.tiedEmbeddings ?? modelFamily(config).tiedByDefault;
}

/**
 * Which tensors share the weights of another one, name to name: an output head that config.json (or else the default of
 * the family) ties to the token embedding, and tensors that lie on the very same bytes.
 */
export function tiedTensors(
  { config }: Checkpoint,
  described: readonly Described[],
): ReadonlyMap<string, string> {
  const aliases = sharedBytes(described);
  if (!tiesEmbeddings(config)) return aliases;
  for (const { tensor: head } of described.filter(({ role }) => isTokenHead(role))) {
    const owner = described.find(({ tensor, role }) => isTokenEmbedding(role) && sameShape(tensor, head));
    if (owner) aliases.set(head.name, owner.tensor.name);
  }
  return aliases;
}

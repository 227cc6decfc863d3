import type { Derivation, ModelConfig, TensorInfo } from '../../contract/checkpoint.ts';
import { fileError } from '../fileErrors.ts';
import { quoteName, quoteNames } from '../quoteName.ts';
import type { GgufNaming, KnownName } from './ggufNames.ts';
import { knownName } from './ggufNames.ts';

export interface PresentedTensors {
  readonly tensors: TensorInfo[];
  readonly warnings: string[];
}

/** What a tensor that is stored in another form is, or why nothing can be computed with it. */
type Form = Pick<TensorInfo, 'shape' | 'derived' | 'opaque'>;

/**
 * Rows that lie pair by pair (2j and 2j + 1 of a head) in the order of Hugging Face, half by half (j and j + size / 2):
 * row head * size + t * size / 2 + j comes from row head * size + 2 * j + t, where t is 0 or 1.
 */
function unInterleaved(of: TensorInfo, heads: number): Derivation | null {
  const [rows = 0, columns = 1] = of.shape;
  const size = rows / heads;
  if (of.shape.length > 2 || !Number.isInteger(size) || size % 2 !== 0) return null;
  const strides = [size * columns, columns, 2 * columns];
  return {
    kind: 'strided',
    of,
    start: 0,
    rows: { sizes: [heads, 2, size / 2], strides },
    cols: { sizes: [columns], strides: [1] },
  };
}

function transposed(of: TensorInfo): Form {
  const [rows = 0, columns = 0] = of.shape;
  const derived: Derivation = {
    kind: 'strided',
    of,
    start: 0,
    rows: { sizes: [columns], strides: [1] },
    cols: { sizes: [rows], strides: [columns] },
  };
  return { shape: [columns, rows], derived };
}

function rotaryForm(of: TensorInfo, module: string, config: ModelConfig | null): Form {
  const attentionHeads = config?.attentionHeads ?? null;
  const heads = module === 'attn_k' ? (config?.keyValueHeads ?? attentionHeads) : attentionHeads;
  const derived = heads === null ? null : unInterleaved(of, heads);
  if (derived) return { shape: of.shape, derived };
  return {
    shape: of.shape,
    opaque: 'its rows are stored in the rotary order of llama.cpp, for heads that are not known',
  };
}

const isNorm = (module: string): boolean => module.endsWith('_norm');
const isLayerMatrix = (module: string, { shape }: TensorInfo): boolean =>
  shape.length === 2 && /^(?:attn|ffn)_/.test(module);

function formOf(stored: TensorInfo, module: string, naming: GgufNaming, config: ModelConfig | null): Form {
  if (naming.isInterleaved && (module === 'attn_q' || module === 'attn_k'))
    return rotaryForm(stored, module, config);
  if (naming.isTransposed && isLayerMatrix(module, stored)) return transposed(stored);
  if (naming.hasShiftedNorms && isNorm(module))
    return { shape: stored.shape, opaque: 'the converter to GGUF stored it plus one' };
  return { shape: stored.shape };
}

function checkDistinct(pairs: readonly (readonly [stored: string, shown: string])[], file: string): void {
  const holders = new Map<string, string>();
  for (const [stored, shown] of pairs) {
    const other = holders.get(shown);
    if (other !== undefined) {
      const what = `tensors ${quoteName(other)} and ${quoteName(stored)} both stand for ${quoteName(shown)}`;
      throw fileError('gguf-damaged', file, what);
    }
    holders.set(shown, stored);
  }
}

function nameWarnings(unknown: readonly string[], architecture: string | null): string[] {
  if (unknown.length === 0) return [];
  const counted = `${String(unknown.length)} tensor${unknown.length === 1 ? ' keeps its GGUF name' : 's keep their GGUF names'}`;
  const why = architecture === null ? '' : ` (architecture ${quoteName(architecture)})`;
  return [`${counted}, for which no Hugging Face name is known${why}: ${quoteNames(unknown)}`];
}

/**
 * Stored tensors under their Hugging Face names and in the order of their elements there. Names that are not known are kept and
 * counted in a warning. Fails with gguf-damaged when two tensors stand for the same name.
 */
export function presentGgufTensors(
  stored: readonly TensorInfo[],
  naming: GgufNaming | null,
  { architecture, config }: { readonly architecture: string | null; readonly config: ModelConfig | null },
): PresentedTensors {
  const unknown: string[] = [];
  const tensors = stored.map((tensor): TensorInfo => {
    const known: KnownName | null = naming && knownName(tensor.name, naming);
    if (!naming || !known) {
      unknown.push(tensor.name);
      return tensor;
    }
    return { ...tensor, name: known.name, ...formOf(tensor, known.module, naming, config) };
  });
  const file = stored[0]?.file ?? '';
  checkDistinct(
    tensors.map(({ name }, i) => [stored[i]?.name ?? name, name]),
    file,
  );
  return { tensors, warnings: nameWarnings(unknown, architecture) };
}

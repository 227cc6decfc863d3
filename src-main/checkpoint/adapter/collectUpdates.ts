import type { TensorInfo } from '../../contract/checkpoint.ts';
import type { PolarimeterError } from '../../contract/errors.ts';
import { fileError } from '../fileErrors.ts';
import { quoteName, quoteNames } from '../quoteName.ts';
import { firstMatches } from './firstMatches.ts';
import { ADAPTER_CONFIG } from './isAdapterFolder.ts';
import type { AdapterKey } from './parseAdapterKey.ts';
import { parseAdapterKey } from './parseAdapterKey.ts';
import type { Adapter } from './readAdapter.ts';

/** factor * up * down on the weight of a module; up is (out, rank), down (rank, in). */
export interface LowRankUpdate {
  /** Name of the module in the model that was trained. */
  readonly module: string;
  readonly up: TensorInfo;
  readonly down: TensorInfo;
  readonly rank: number;
  readonly factor: number;
  /** Of an embedding, whose weight is (vocabulary, out): the product is transposed. */
  readonly isEmbedding: boolean;
  /** What is added to the bias of the module, times the factor; null as a rule. */
  readonly bias: TensorInfo | null;
}

/** A parameter of a module that the adapter brings whole. */
export interface WholeTensor {
  readonly module: string;
  readonly parameter: string;
  readonly tensor: TensorInfo;
}

export interface AdapterUpdates {
  readonly updates: readonly LowRankUpdate[];
  readonly whole: readonly WholeTensor[];
}

type Named = AdapterKey & { readonly tensor: TensorInfo };
type Matrices = Pick<LowRankUpdate, 'module' | 'up' | 'down' | 'isEmbedding' | 'bias'>;

const shapeOf = ({ shape }: TensorInfo): string => `[${shape.join(', ')}]`;

function nameParts({ tensors, file }: Adapter): Named[] {
  const named = tensors.map((tensor): Named => {
    const key = parseAdapterKey(tensor.name);
    if (key === null) {
      const what = `holds tensor ${quoteName(tensor.name)}, which is no part of a LoRA adapter`;
      throw fileError('adapter-invalid', file, what);
    }
    if (key.part === 'beyond') {
      const what = `holds tensor ${quoteName(tensor.name)}, which plain LoRA on modules does not have`;
      throw fileError('adapter-unsupported', file, what);
    }
    return { ...key, tensor };
  });
  const adapters = new Set(named.flatMap(({ adapter }) => adapter ?? []));
  if (adapters.size > 1)
    throw fileError('adapter-invalid', file, `holds several adapters: ${quoteNames([...adapters])}`);
  return named;
}

function checkMatrix(tensor: TensorInfo, file: string): void {
  const what = `tensor ${quoteName(tensor.name)} has shape ${shapeOf(tensor)}`;
  if (tensor.shape.length > 2)
    throw fileError('adapter-unsupported', file, `${what}: an update of a convolution`);
  if (tensor.shape.length < 2 || tensor.shape.includes(0))
    throw fileError('adapter-invalid', file, `${what}, which is no matrix`);
}

/** The matrices of one module, found among its tensors. */
function pair(module: string, parts: readonly Named[], file: string): Matrices {
  const invalid = (what: string): PolarimeterError =>
    fileError('adapter-invalid', file, `module ${quoteName(module)} ${what}`);
  const byPart = new Map(parts.map(({ part, tensor }) => [part, tensor]));
  if (byPart.size < parts.length) throw invalid('has the same matrix twice');
  const isEmbedding = byPart.has('embedding-up') || byPart.has('embedding-down');
  if (isEmbedding && (byPart.has('up') || byPart.has('down')))
    throw invalid('has the matrices of an embedding and of a linear module');
  const up = byPart.get(isEmbedding ? 'embedding-up' : 'up');
  const down = byPart.get(isEmbedding ? 'embedding-down' : 'down');
  if (up === undefined || down === undefined) throw invalid(`has no ${up ? 'lora_A' : 'lora_B'}`);
  for (const tensor of [up, down]) checkMatrix(tensor, file);
  const found = { module, up, down, isEmbedding, bias: byPart.get('update-bias') ?? null };
  const fault = misfit(found);
  if (fault !== null) throw invalid(fault);
  return found;
}

/** Why the shapes of a module's matrices do not belong together; null where they do. */
function misfit({ up, down, bias }: Matrices): string | null {
  const has = `has lora_B of shape ${shapeOf(up)}`;
  if (up.shape[1] !== down.shape[0]) return `${has} and lora_A of shape ${shapeOf(down)}`;
  if (bias && bias.shape.join() !== String(up.shape[0])) return `${has} and a bias of shape ${shapeOf(bias)}`;
  return null;
}

/** For each module the value of the first pattern that it matches, else the default. */
function valuesOf(
  modules: readonly string[],
  patterns: ReadonlyMap<string, number>,
  usual: number,
): number[] | null {
  const matches = firstMatches(modules, [...patterns.keys()]);
  const values = [...patterns.values()];
  return matches && matches.map((index) => values[index] ?? usual);
}

function scaled(matrices: readonly Matrices[], { config, file }: Adapter): LowRankUpdate[] {
  const modules = matrices.map(({ module }) => module);
  const ranks = valuesOf(modules, config.rankPatterns, config.rank);
  const alphas = valuesOf(modules, config.alphaPatterns, config.alpha);
  if (ranks === null || alphas === null) {
    const what = `${ranks ? 'alpha_pattern' : 'rank_pattern'} of ${ADAPTER_CONFIG} cannot be matched with the names`;
    throw fileError('adapter-invalid', file, what);
  }
  return matrices.map((each, i) => {
    const rank = ranks[i] ?? config.rank;
    if (each.down.shape[0] !== rank) {
      const what = `module ${quoteName(each.module)} has rank ${String(each.down.shape[0])}`;
      throw fileError('adapter-invalid', file, `${what}, and ${ADAPTER_CONFIG} says ${rank}`);
    }
    const factor = (alphas[i] ?? config.alpha) / (config.rankStabilised ? Math.sqrt(rank) : rank);
    return { ...each, rank, factor };
  });
}

/**
 * What an adapter does to which modules: low-rank updates with their scale (alpha / rank, or alpha / sqrt(rank) where it is
 * rank-stabilised, arXiv 2312.03732), and parameters that it brings whole.
 * Fails with adapter-invalid or adapter-unsupported.
 */
export function collectUpdates(adapter: Adapter): AdapterUpdates {
  const named = nameParts(adapter).filter(({ part }) => part !== 'copy');
  const byModule = Map.groupBy(
    named.filter(({ part }) => part !== 'whole'),
    ({ module }) => module,
  );
  const matrices = [...byModule].map(([module, parts]) => pair(module, parts, adapter.file));
  const whole = named.filter(({ part }) => part === 'whole');
  if (matrices.length + whole.length === 0)
    throw fileError('adapter-invalid', adapter.file, 'changes nothing');
  return { updates: scaled(matrices, adapter), whole };
}

import type { Checkpoint, TensorInfo } from '../../contract/checkpoint.ts';
import type { PolarimeterError } from '../../contract/errors.ts';
import { fileError } from '../fileErrors.ts';
import { quoteName, quoteNames } from '../quoteName.ts';
import { BaseNames } from './BaseNames.ts';
import type { LowRankUpdate, WholeTensor } from './collectUpdates.ts';
import { collectUpdates } from './collectUpdates.ts';
import type { Adapter } from './readAdapter.ts';

/** A base with an adapter on it. */
export interface LaidAdapter {
  /** Those of the base in their order, changed ones derived or replaced; then those that the adapter adds. */
  readonly tensors: readonly TensorInfo[];
  /** Ranks that occur among the updates, ascending. */
  readonly ranks: readonly number[];
  /** How many tensors the adapter changes or adds. */
  readonly targets: number;
  /** The base shares one matrix between embedding and head, and the adapter gives the head one of its own. */
  readonly untied: boolean;
  readonly warnings: readonly string[];
}

const HEAD = /(?:^|\.)(?:lm_head|embed_out)$/;
const EMBEDDING = /(?:^|\.)(?:embed_tokens|wte|embed_in|word_embeddings)$/;

const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
const moduleOf = (tensor: string): string => tensor.slice(0, Math.max(0, tensor.lastIndexOf('.')));

/** Whether the product of an update has to be transposed to fit a weight; null when it does not fit either way. */
function orientation(update: LowRankUpdate, weight: TensorInfo, fanInFanOut: boolean): boolean | null {
  const [rows, columns] = weight.shape;
  if (weight.shape.length !== 2) return null;
  const [out, into] = [update.up.shape[0], update.down.shape[1]];
  const [straight, crossed] = [rows === out && columns === into, rows === into && columns === out];
  if (update.isEmbedding) return crossed || null;
  // Conv1D modules hold (in, out); PEFT goes by the module, and the shapes tell which one it was.
  if (straight && crossed) return fanInFanOut;
  return straight || crossed ? crossed : null;
}

/** Lays updates on a base one by one. */
class Layer {
  readonly #adapter: Adapter;
  readonly #base: Checkpoint;
  readonly #names: BaseNames;
  /** Tensors of the result that are not the base's, by name. */
  readonly changed = new Map<string, TensorInfo>();
  readonly #taken = new Set<string>();
  readonly #against: string[] = [];
  readonly #biased: string[] = [];
  readonly #replaced: string[] = [];
  untied = false;

  constructor(adapter: Adapter, base: Checkpoint) {
    this.#adapter = adapter;
    this.#base = base;
    this.#names = new BaseNames(base.tensors);
  }

  replace({ module, parameter, tensor }: WholeTensor): void {
    const old = this.#find(module, parameter);
    const untied = old === null && HEAD.test(module) && this.#base.config?.tiedEmbeddings === true;
    if (old) this.#checkReplacement(old, tensor);
    else if (!untied && !this.#isSaved(module)) throw this.#missing(module, `no ${parameter}`);
    this.untied ||= untied;
    const name = old?.name ?? `${module}.${parameter}`;
    this.#take(`whole ${name}`, module);
    this.#replaced.push(name);
    this.changed.set(name, { ...tensor, name });
  }

  update(update: LowRankUpdate): void {
    const { module, up, down, factor, bias } = update;
    const own = this.#find(module, 'weight');
    const target = own ?? this.#sharedHead(module);
    if (target === null) throw this.#missing(module, 'no weight');
    const name = own?.name ?? `${module}.weight`;
    const base = this.changed.get(name) ?? target;
    const transposed = orientation(update, base, this.#adapter.config.fanInFanOut);
    if (transposed === null) {
      const product = shapeText([up.shape[0] ?? 0, down.shape[1] ?? 0]);
      throw this.#missing(module, `a weight of shape ${shapeText(base.shape)}, the update is ${product}`);
    }
    if (!update.isEmbedding && transposed !== this.#adapter.config.fanInFanOut) this.#against.push(module);
    this.#take(`low-rank ${name}`, module);
    this.changed.set(name, {
      ...base,
      name,
      dtype: `${base.dtype} + LoRA`,
      bytes: base.bytes + up.bytes + down.bytes,
      derived: { kind: 'low-rank', base, up, down, factor, transposed },
    });
    if (bias) this.#listBias(module, bias, `${moduleOf(name)}.bias`);
  }

  warnings(): string[] {
    const { fanInFanOut } = this.#adapter.config;
    const embeddings = [...this.changed.keys()].filter((name) => EMBEDDING.test(moduleOf(name)));
    const notes: [list: readonly string[], text: string][] = [
      [this.#replaced, 'the adapter brings whole tensors'],
      [this.#against, `fan_in_fan_out is ${fanInFanOut}, which the shapes contradict and win against, in`],
      [this.#biased, 'the adapter adds to biases (lora_bias); they are listed, never compared'],
    ];
    if (this.#base.config?.tiedEmbeddings === true && !this.untied) {
      notes.push([embeddings, 'the head shares the embedding of this model, and the adapter changes that']);
    }
    return notes.filter(([list]) => list.length > 0).map(([list, text]) => `${text}: ${quoteNames(list)}`);
  }

  #find(module: string, parameter: string): TensorInfo | null {
    const found = this.#names.find(`${module}.${parameter}`);
    if (found.length > 1)
      throw this.#missing(module, `several of that name: ${quoteNames(found.map(({ name }) => name))}`);
    return found[0] ?? null;
  }

  /** The embedding that serves as the head which a base does not store; null where it is no such head. */
  #sharedHead(module: string): TensorInfo | null {
    if (!HEAD.test(module) || this.#base.config?.tiedEmbeddings !== true) return null;
    const [embedding, ...others] = this.#base.tensors.filter(({ name }) => EMBEDDING.test(moduleOf(name)));
    if (embedding === undefined || others.length > 0) return null;
    this.untied = true;
    return embedding;
  }

  /** A model's embedding may have got more rows; everything else keeps its shape. */
  #checkReplacement(old: TensorInfo, { name, shape }: TensorInfo): void {
    const module = moduleOf(old.name);
    const isResized =
      (EMBEDDING.test(module) || HEAD.test(module)) && shape.length === 2 && shape[1] === old.shape[1];
    if (isResized || shape.join() === old.shape.join()) return;
    const what = `a ${quoteName(old.name)} of shape ${shapeText(old.shape)}`;
    throw this.#missing(module, `${what}, and ${quoteName(name)} has shape ${shapeText(shape)}`);
  }

  /** Whether modules_to_save names a module or one around it. */
  #isSaved(module: string): boolean {
    const parts = module.split('.');
    const around = parts.map((_, i) => parts.slice(0, i + 1).join('.'));
    return this.#adapter.config.savedModules.some((saved) =>
      around.some((path) => path === saved || path.endsWith(`.${saved}`)),
    );
  }

  /** A vector is no low-rank product: what is added to a bias can be listed, not computed. */
  #listBias(module: string, bias: TensorInfo, fallback: string): void {
    const old = this.#find(module, 'bias');
    const name = old?.name ?? fallback;
    this.#biased.push(name);
    this.changed.set(name, {
      ...(this.changed.get(name) ?? old ?? bias),
      name,
      dtype: `${old?.dtype ?? bias.dtype} + LoRA`,
      opaque: 'the adapter adds a vector to it',
    });
  }

  #take(what: string, module: string): void {
    if (this.#taken.has(what)) {
      const message = `two of its modules are one in the base, the second is ${quoteName(module)}`;
      throw fileError('adapter-invalid', this.#adapter.file, message);
    }
    this.#taken.add(what);
  }

  #missing(module: string, has: string): PolarimeterError {
    const what = `changes module ${quoteName(module)}, of which the base ${quoteName(this.#base.title)} has ${has}`;
    return fileError('adapter-base-missing', this.#adapter.file, what);
  }
}

/**
 * Lays a LoRA adapter on its base. A changed weight is base + factor * B * A, for embeddings and weights stored as (in, out)
 * plus the transposed product (arXiv 2106.09685); its parts may themselves be derived. Modules are matched by name, wrappers
 * such as "model." and "language_model." aside.
 * Fails with adapter-invalid, adapter-unsupported, and adapter-base-missing where a module has no place in the base.
 */
export function layAdapter(adapter: Adapter, base: Checkpoint): LaidAdapter {
  const { updates, whole } = collectUpdates(adapter);
  const layer = new Layer(adapter, base);
  for (const tensor of whole) layer.replace(tensor);
  for (const update of updates) layer.update(update);
  const known = new Set(base.tensors.map(({ name }) => name));
  const added = [...layer.changed.values()].filter(({ name }) => !known.has(name));
  return {
    tensors: [...base.tensors.map((tensor) => layer.changed.get(tensor.name) ?? tensor), ...added],
    ranks: [...new Set(updates.map(({ rank }) => rank))].sort((a, b) => a - b),
    targets: layer.changed.size,
    untied: layer.untied,
    warnings: layer.warnings(),
  };
}

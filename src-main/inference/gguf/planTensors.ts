import type { Checkpoint, TensorInfo } from '../../contract/checkpoint.ts';
import { isComputable } from '../../contract/checkpoint.ts';
import { PolarimeterError } from '../../contract/errors.ts';
import { canonicalName } from '../../architecture/canonicalName.ts';
import { logicalTensors } from '../../architecture/logicalTensors.ts';
import { sliceTensor } from '../../architecture/sliceTensor.ts';
import { tensorPath } from '../../architecture/tensorPath.ts';
import { tiesEmbeddings } from '../../architecture/tiedTensors.ts';
import { GGUF_NAMINGS } from '../../checkpoint/gguf/ggufNames.ts';
import { quoteName, quoteNames } from '../../checkpoint/quoteName.ts';
import type { GgufDtype, GgufTensorEntry } from './ggufHeader.ts';
import type { GgufModel } from './ggufModel.ts';

export type GgufWeights = 'stored' | GgufDtype;

export interface PlannedTensor extends GgufTensorEntry {
  readonly source: TensorInfo;
  /** Added to every element, as llama.cpp has Gemma's norms plus one. */
  readonly addend: 0 | 1;
}

/** Tokenizers in use have at most 262 144. */
const MOST_TOKENS = 1 << 22;

const OUTER = ['token_embd.weight', 'output_norm.weight', 'output.weight'];
/** Computed anew from the configuration, by whoever runs the model. */
const BUFFER = /(?:^|\.)(?:rotary_emb\.inv_freq|masked_bias)$/;
const FOREIGN_MODULE = /(?:^|\.)(?:multi_modal_projector|embed_vision|embed_audio)\./;

const isForeign = (name: string): boolean => tensorPath(name).isForeign || FOREIGN_MODULE.test(name);

/** GGUF names by canonical ones, over all layers. */
function namesOf({ shape, family: { architecture, required, optional } }: GgufModel): Map<string, string> {
  const naming = GGUF_NAMINGS.get(architecture);
  const names = new Map<string, string>();
  const add = (stored: string, module: string | undefined, prefix: string): void => {
    const parameter = stored.slice(stored.lastIndexOf('.'));
    if (module !== undefined)
      names.set(canonicalName(`${module}${parameter}`, 'renamed'), `${prefix}${stored}`);
  };
  for (const stored of OUTER) add(stored, naming?.outer.get(moduleOf(stored)), '');
  for (let layer = 0; layer < shape.layers; layer += 1) {
    for (const stored of [...required, ...optional]) {
      const inner = naming?.inner.get(moduleOf(stored));
      add(stored, inner && `${naming?.layers ?? ''}.${String(layer)}.${inner}`, `blk.${String(layer)}.`);
    }
  }
  return names;
}

const moduleOf = (stored: string): string => stored.slice(0, stored.lastIndexOf('.'));
/** "attn_q.weight" of "blk.3.attn_q.weight". */
const kindOf = (name: string): string => name.replace(/^blk\.\d+\./, '');

function expectedShape(kind: string, { shape }: GgufModel, vocabulary: number): number[] {
  const { hidden, feedForward, heads, keyValueHeads, headDim } = shape;
  const outputs: Readonly<Record<string, number>> = {
    attn_q: heads * headDim,
    attn_k: keyValueHeads * headDim,
    attn_v: keyValueHeads * headDim,
    ffn_gate: feedForward,
    ffn_up: feedForward,
    token_embd: vocabulary,
    output: vocabulary,
    attn_q_norm: headDim,
    attn_k_norm: headDim,
  };
  const inputs: Readonly<Record<string, number>> = { attn_output: heads * headDim, ffn_down: feedForward };
  const module = moduleOf(kind);
  const rows = outputs[module] ?? hidden;
  const isVector = kind.endsWith('.bias') || module.endsWith('_norm');
  return isVector ? [rows] : [rows, inputs[module] ?? hidden];
}

/** Rows of each head pair by pair, as llama.cpp rotates them: j and j + size / 2 become 2j and 2j + 1. */
function interleaved(source: TensorInfo, heads: number, size: number): TensorInfo {
  const width = source.shape[1] ?? 1;
  const axis = { sizes: [heads, size / 2, 2], strides: [size * width, width, (size / 2) * width] };
  const isVector = source.shape.length === 1;
  return sliceTensor(source, source.name, {
    shape: source.shape,
    start: 0,
    rows: isVector ? { sizes: [1], strides: [0] } : axis,
    cols: isVector ? axis : { sizes: [width], strides: [1] },
  });
}

/** The element type in the file: vectors are always F32; of what is computed, F32 as well. */
function dtypeOf({ shape, dtype, derived }: TensorInfo, weights: GgufWeights): GgufDtype {
  if (shape.length === 1) return 'F32';
  if (weights !== 'stored') return weights;
  if (derived?.kind === 'strided') return dtypeOf(derived.of, weights);
  return derived === undefined && (dtype === 'BF16' || dtype === 'F16') ? dtype : 'F32';
}

export interface TensorPlanning {
  readonly tensors: PlannedTensor[];
  /** Rows of the embedding. */
  readonly vocabulary: number;
  readonly warnings: string[];
}

/** Logical tensors by the name that they have in the file; what has none is an error, unless it belongs to another modality. */
function placeTensors(
  checkpoint: Checkpoint,
  model: GgufModel,
): { placed: Map<string, TensorInfo>; warnings: string[] } {
  const names = namesOf(model);
  const placed = new Map<string, TensorInfo>();
  const foreign: string[] = [];
  for (const { info, note } of logicalTensors(checkpoint)) {
    const name = names.get(canonicalName(info.name, 'renamed'));
    if (isForeign(info.name)) foreign.push(info.name);
    else if (name !== undefined && !placed.has(name)) placed.set(name, info);
    else if (!BUFFER.test(info.name)) {
      const why = note === null ? '' : ` (${note})`;
      const what = `tensor ${quoteName(info.name)} has no place in models of this kind${why}`;
      throw new PolarimeterError('model-unsupported', what, info.name);
    }
  }
  const left = `${String(foreign.length)} tensors of another modality are left out: ${quoteNames(foreign)}`;
  return { placed, warnings: foreign.length === 0 ? [] : [left] };
}

function checkTensor(name: string, info: TensorInfo, expected: readonly number[]): void {
  if (!isComputable(info)) {
    const what = `tensor ${quoteName(info.name)} cannot be read as numbers: ${info.opaque ?? info.dtype}`;
    throw new PolarimeterError('model-unsupported', what, info.name);
  }
  if (info.shape.join() !== expected.join()) {
    const what = `tensor ${quoteName(info.name)} (${name}) is [${info.shape.join(', ')}], by config.json it is [${expected.join(', ')}]`;
    throw new PolarimeterError('model-unsupported', what, info.name);
  }
}

function orderOf(
  { family: { required, optional }, shape }: GgufModel,
  hasHead: boolean,
): { name: string; isRequired: boolean }[] {
  const layers = Array.from({ length: shape.layers }, (_, layer) =>
    [...required, ...optional].map((kind, i) => ({
      name: `blk.${String(layer)}.${kind}`,
      isRequired: i < required.length,
    })),
  ).flat();
  const outer = OUTER.slice(0, hasHead ? 3 : 2).map((name) => ({ name, isRequired: true }));
  return [...outer, ...layers];
}

/**
 * Which tensors go into the file, made of what. Fails with model-unsupported for tensors that are missing, have another shape than
 * config.json says, cannot be computed with, or have no place in models of this kind.
 */
export function planTensors(checkpoint: Checkpoint, model: GgufModel, weights: GgufWeights): TensorPlanning {
  const { placed, warnings } = placeTensors(checkpoint, model);
  const vocabulary = placed.get('token_embd.weight')?.shape[0] ?? 0;
  if (vocabulary > MOST_TOKENS) {
    const what = `an embedding of ${String(vocabulary)} tokens is beyond all tokenizers`;
    throw new PolarimeterError('model-unsupported', what, checkpoint.path);
  }
  const naming = GGUF_NAMINGS.get(model.family.architecture);
  const { heads, keyValueHeads, headDim } = model.shape;
  const tensors = orderOf(model, !tiesEmbeddings(checkpoint.config)).flatMap(
    ({ name, isRequired }): PlannedTensor[] => {
      const info = placed.get(name);
      if (!info) {
        if (!isRequired) return [];
        throw new PolarimeterError(
          'model-unsupported',
          `the checkpoint has no tensor for ${quoteName(name)}`,
          checkpoint.path,
        );
      }
      const kind = kindOf(name);
      checkTensor(name, info, expectedShape(kind, model, vocabulary));
      const module = moduleOf(kind);
      const isRotated = naming?.isInterleaved === true && (module === 'attn_q' || module === 'attn_k');
      const source = isRotated
        ? interleaved(info, module === 'attn_q' ? heads : keyValueHeads, headDim)
        : info;
      const addend = naming?.hasShiftedNorms === true && module.endsWith('_norm') ? 1 : 0;
      return [{ name, dtype: dtypeOf(info, weights), shape: info.shape, source, addend }];
    },
  );
  return { tensors, vocabulary, warnings };
}

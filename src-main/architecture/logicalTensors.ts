import type { Checkpoint, TensorInfo } from '../contract/checkpoint.ts';
import { isComputable } from '../contract/checkpoint.ts';
import { quoteName } from '../checkpoint/quoteName.ts';
import { fusedAttention } from './fusedAttention.ts';
import { expertsAxis, expertsName, fusedExperts } from './fusedExperts.ts';
import type { ExpertsName } from './fusedExperts.ts';
import { fusedFeedForward } from './fusedFeedForward.ts';
import { isConv1d } from './isConv1d.ts';
import type { FusedPart, OutputAxis, Splitting } from './linearOutputs.ts';
import { outputsText, selectOutputs } from './linearOutputs.ts';
import { quantisationMethod } from './quantisationMethod.ts';
import { scaledTensor } from './scaledTensor.ts';
import { sliceRows, sliceTensor } from './sliceTensor.ts';
import { tensorPath, WRAPPERS } from './tensorPath.ts';

/** A tensor of the model: stored as it is, put together with its scale, or a part of a stored one. */
export interface LogicalTensor {
  readonly info: TensorInfo;
  /** Name of the stored tensor that it is, or is a part of. */
  readonly stored: string;
  /** Which part of which stored tensor it is, or why a fused one is left whole; null where there is nothing to say. */
  readonly note: string | null;
  /** Which axis of a matrix runs over the outputs of its layer. */
  readonly outputs: OutputAxis;
}

type Part = Omit<LogicalTensor, 'stored'>;

interface Model {
  readonly config: Checkpoint['config'];
  readonly isGguf: boolean;
  readonly stored: ReadonlyMap<string, TensorInfo>;
  readonly axes: ReadonlyMap<string, OutputAxis | null>;
}

const SCALED_DTYPES = new Set(['F8_E4M3', 'F8_E5M2']);
/** More tensors than any model has; it bounds the work on hostile files. */
const MOST_TENSORS = 1_000_000;
const PARAMETERS = new Set(['weight', 'bias']);
const TORCH_ATTENTION = /^((?:.*\.)?)in_proj_(weight|bias)$/;

const whole = (info: TensorInfo, note: string | null, outputs: OutputAxis = 'rows'): Part => ({
  info,
  note,
  outputs,
});

function scaleOf({ name, dtype }: TensorInfo, { stored }: Model): TensorInfo | null {
  if (!SCALED_DTYPES.has(dtype)) return null;
  return stored.get(`${name}_scale_inv`) ?? stored.get(`${name}_scale`) ?? null;
}

function withScale(tensor: TensorInfo, scale: TensorInfo | null, { config, stored }: Model): TensorInfo {
  const declared = config?.scaleBlock ?? null;
  if (scale !== null) return scaledTensor(tensor, scale, declared);
  if (declared !== null && SCALED_DTYPES.has(tensor.dtype))
    return { ...tensor, opaque: `${tensor.dtype}, of which the scale is not there` };
  const method = isComputable(tensor) ? null : quantisationMethod(tensor, stored);
  return method === null ? tensor : { ...tensor, opaque: `${tensor.dtype} (packed by ${method})` };
}

/** With its scale; the sum of a base and an adapter's product, with the scale of the base. */
function dequantised(tensor: TensorInfo, model: Model): TensorInfo {
  const { derived } = tensor;
  if (derived?.kind !== 'low-rank') return withScale(tensor, scaleOf(tensor, model), model);
  const base = dequantised(derived.base, model);
  if (base === derived.base) return tensor;
  return {
    ...tensor,
    dtype: tensor.dtype.replace(derived.base.dtype, base.dtype),
    bytes: tensor.bytes + base.bytes - derived.base.bytes,
    derived: { ...derived, base },
    opaque: tensor.opaque ?? base.opaque,
  };
}

/** The slice of one expert: a matrix of (experts, rows, columns), a vector of (experts, outputs), a number of (experts). */
function ofExpert(tensor: TensorInfo, expert: number): TensorInfo {
  const slice = sliceRows(tensor, tensor.name, expert, 1);
  return { ...slice, shape: tensor.shape.slice(1) };
}

function expertParts(
  tensor: TensorInfo,
  { block, parameter }: ExpertsName,
  parts: readonly FusedPart[],
  { axis, model }: { readonly axis: OutputAxis; readonly model: Model },
): Part[] {
  const scale = scaleOf(tensor, model);
  return Array.from({ length: tensor.shape[0] ?? 0 }, (_, expert) => {
    const one = withScale(ofExpert(tensor, expert), scale && ofExpert(scale, expert), model);
    return parts.map(({ module, outputs }): Part => {
      const name = `${block}.${String(expert)}.${module}.${parameter}`;
      const of = parts.length === 1 ? '' : `, ${outputsText(one.shape, axis, outputs)}`;
      const info = sliceTensor(one, name, selectOutputs(one.shape, axis, outputs));
      return { info, note: `expert ${String(expert)}${of} of ${quoteName(tensor.name)}`, outputs: axis };
    });
  }).flat();
}

function splitExperts(tensor: TensorInfo, name: ExpertsName, model: Model): Part[] {
  const axis = model.axes.get(name.block) ?? null;
  const parts = fusedExperts(name, tensor.shape, axis, model);
  if (typeof parts === 'string')
    return [whole(withScale(tensor, scaleOf(tensor, model), model), `left whole: ${parts}`)];
  return expertParts(tensor, name, parts, { axis: axis ?? 'rows', model });
}

function splitLinear(
  tensor: TensorInfo,
  { head, tail }: { readonly head: string; readonly tail: string },
  splitting: Splitting,
): Part[] {
  if (typeof splitting === 'string') return [whole(tensor, `left whole: ${splitting}`)];
  const { parts, axis } = splitting;
  return parts.map(({ module, outputs }) => ({
    info: sliceTensor(tensor, `${head}${module}${tail}`, selectOutputs(tensor.shape, axis, outputs)),
    note: `${outputsText(tensor.shape, axis, outputs)} of ${quoteName(tensor.name)}`,
    outputs: axis,
  }));
}

/** The parts of the name of a linear layer's weight or bias; null for other names. */
function linearName(name: string): { head: string; module: string; tail: string } | null {
  const [, before, parameter] = TORCH_ATTENTION.exec(name) ?? [];
  if (before !== undefined) return { head: before, module: 'in_proj', tail: `.${parameter ?? ''}` };
  const parts = name.split('.');
  const last = parts.length - 1;
  const at = parts.findLastIndex((part, i) => i < last && !WRAPPERS.has(part));
  if (at < 0 || !PARAMETERS.has(parts[last] ?? '') || tensorPath(name).isForeign) return null;
  const [head, tail] = [parts.slice(0, at), parts.slice(at + 1)];
  return {
    head: head.map((part) => `${part}.`).join(''),
    module: parts[at] ?? '',
    tail: tail.map((part) => `.${part}`).join(''),
  };
}

function splitTensor(stored: TensorInfo, model: Model): Part[] {
  const experts = expertsName(stored.name);
  if (experts && stored.shape.length > 1) return splitExperts(stored, experts, model);
  const tensor = dequantised(stored, model);
  const name = linearName(stored.name);
  if (name === null) return [whole(tensor, null)];
  const splitting =
    fusedAttention(name.module, tensor.shape, model) ??
    fusedFeedForward(name.module, tensor.shape, model.config);
  if (splitting !== null) return splitLinear(tensor, name, splitting);
  return [whole(tensor, null, isConv1d(stored.name, model.config) ? 'columns' : 'rows')];
}

function axesOfExperts({ tensors, config, format }: Checkpoint): Map<string, OutputAxis | null> {
  const named = tensors.flatMap(({ name, shape }) => {
    const experts = expertsName(name);
    return experts?.parameter === 'weight' && shape.length === 3 ? [{ ...experts, shape }] : [];
  });
  const isGguf = format.startsWith('gguf');
  const blocks = Map.groupBy(named, ({ block }) => block);
  return new Map([...blocks].map(([block, found]) => [block, expertsAxis(found, config, isGguf)]));
}

/**
 * The tensors of the model that a checkpoint holds, the same whether attention, feed-forward layers and experts are stored
 * fused or apart, and with their scales where they have such. Every element of every stored tensor is in exactly one of them;
 * scales are listed as well. A fused tensor that config.json and its shape do not take apart for certain is left whole.
 */
export function logicalTensors(checkpoint: Checkpoint): LogicalTensor[] {
  const { tensors, config, format } = checkpoint;
  const stored = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const model = { config, isGguf: format.startsWith('gguf'), stored, axes: axesOfExperts(checkpoint) };
  const taken = new Set(stored.keys());
  const partsOf = (tensor: TensorInfo): Part[] => {
    const parts = splitTensor(tensor, model);
    if (taken.size + parts.length > MOST_TENSORS + tensors.length) {
      return [whole(tensor, 'left whole: the checkpoint has too many parts')];
    }
    const clash = parts.find(({ info }) => info.name !== tensor.name && taken.has(info.name));
    if (clash) return [whole(tensor, `left whole: ${quoteName(clash.info.name)} is stored as well`)];
    for (const { info } of parts) taken.add(info.name);
    return parts;
  };
  return tensors.flatMap((tensor) => partsOf(tensor).map((part) => ({ ...part, stored: tensor.name })));
}

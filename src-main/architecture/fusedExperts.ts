import type { ModelConfig } from '../contract/checkpoint.ts';
import type { FusedPart, OutputAxis } from './linearOutputs.ts';
import { consecutive, outputsFrom } from './linearOutputs.ts';
import { modelTypeOf } from './modelTypeOf.ts';

/** The name of a tensor that holds all experts of a layer: "…experts.gate_up_proj", with or without ".weight". */
export interface ExpertsName {
  /** Up to and with "experts". */
  readonly block: string;
  readonly module: string;
  readonly parameter: 'weight' | 'bias';
}

interface Expected {
  readonly experts: number;
  readonly outputs: number;
  readonly inputs: number;
}

const NAME =
  /^((?:.*\.)?experts)\.(gate_up_proj|gate_proj|up_proj|down_proj|w[123])(\.weight|\.bias|_bias)?$/;
/** More experts than any model has; it bounds the work on hostile files. */
const MOST_EXPERTS = 8192;

/** Models whose fused experts have all gates before all ups: the conversions of transformers 5, and Llama4TextExperts. */
const GATES_FIRST =
  /^(?:mixtral|minimax|phimoe|lfm2moe|jamba|qwen2moe|qwen3|deepseekv[23]|dots1|ernie45moe|glm4v?moe|longcatflash|hunyuanv1moe|flexolmo|olmoe|llama4)/;
/** GptOssExperts takes gates from the even and ups from the odd outputs. */
const ALTERNATING = /^gptoss/;
/** Where shapes cannot tell: experts that are multiplied from the right, stored (inputs, outputs). */
const INPUTS_FIRST = /^(?:gptoss|llama4)/;

export function expertsName(name: string): ExpertsName | null {
  const [, block, module, tail] = NAME.exec(name) ?? [];
  if (block === undefined || module === undefined) return null;
  return { block, module, parameter: tail?.endsWith('bias') ? 'bias' : 'weight' };
}

function expectedOf(module: string, config: ModelConfig | null): Expected | null {
  const { experts = null, hiddenSize: hidden = null } = config ?? {};
  const inner = config?.expertIntermediateSize ?? config?.intermediateSize ?? null;
  if (experts === null || hidden === null || inner === null || experts > MOST_EXPERTS) return null;
  if (module === 'down_proj' || module === 'w2') return { experts, outputs: hidden, inputs: inner };
  return { experts, outputs: module === 'gate_up_proj' ? 2 * inner : inner, inputs: hidden };
}

/** Which axes of the matrices could run over the outputs, by shape. */
function possibleAxes(shape: readonly number[], { outputs, inputs }: Expected): OutputAxis[] {
  const [, rows, cols] = shape;
  return [
    ...(rows === outputs && cols === inputs ? ['rows' as const] : []),
    ...(rows === inputs && cols === outputs ? ['columns' as const] : []),
  ];
}

/**
 * Which axis runs over the outputs in the experts of one layer: all of them are stored alike, so a tensor whose shape tells
 * decides for one whose sides are equal. Null where neither the shapes nor the kind of model tell.
 */
export function expertsAxis(
  tensors: readonly { readonly module: string; readonly shape: readonly number[] }[],
  config: ModelConfig | null,
  isGguf: boolean,
): OutputAxis | null {
  const told = tensors.flatMap(({ module, shape }) => {
    const expected = expectedOf(module, config);
    const axes = expected ? possibleAxes(shape, expected) : [];
    return axes.length === 1 ? axes : [];
  });
  const [axis] = told;
  if (axis !== undefined) return told.every((each) => each === axis) ? axis : null;
  const type = modelTypeOf(config);
  if (isGguf) return 'rows';
  if (INPUTS_FIRST.test(type)) return 'columns';
  // Released Qwen3-VL files have the inputs first, saved ones the outputs.
  return GATES_FIRST.test(type) && !type.startsWith('qwen3vl') ? 'rows' : null;
}

function gatesAndUps(inner: number, type: string, isGguf: boolean): FusedPart[] | null {
  if (isGguf || GATES_FIRST.test(type)) {
    return consecutive([
      ['gate_proj', inner],
      ['up_proj', inner],
    ]);
  }
  if (!ALTERNATING.test(type)) return null;
  const everySecond = { sizes: [inner], strides: [2] };
  return [
    { module: 'gate_proj', outputs: { start: 0, axis: everySecond } },
    { module: 'up_proj', outputs: { start: 1, axis: everySecond } },
  ];
}

/** The parts of each expert of a tensor that holds all of them (experts, rows, columns), biases (experts, outputs); or why not. */
export function fusedExperts(
  { module, parameter }: ExpertsName,
  shape: readonly number[],
  axis: OutputAxis | null,
  { config, isGguf }: { readonly config: ModelConfig | null; readonly isGguf: boolean },
): FusedPart[] | string {
  const expected = expectedOf(module, config);
  if (expected === null) return 'config.json does not give the number and size of experts';
  const { experts, outputs } = expected;
  const fits =
    parameter === 'bias'
      ? shape.length === 2 && shape[1] === outputs
      : shape.length === 3 && possibleAxes(shape, expected).length > 0;
  if (shape[0] !== experts || !fits) {
    return `its shape [${shape.join(', ')}] is not that of the ${String(experts)} experts of config.json`;
  }
  if (parameter === 'weight' && (axis === null || !possibleAxes(shape, expected).includes(axis))) {
    return 'its shape does not tell whether rows or columns are the outputs of an expert';
  }
  if (module !== 'gate_up_proj') return [{ module, outputs: outputsFrom(0, outputs) }];
  const type = modelTypeOf(config);
  return (
    gatesAndUps(outputs / 2, type, isGguf) ?? `the order of gate and up is not known for model type "${type}"`
  );
}

import type { StridedAxis } from '../contract/checkpoint.ts';
import type { Selection } from './sliceTensor.ts';
import { elementCount } from './sliceTensor.ts';

/** Which axis of a linear layer's matrix runs over its outputs: rows in torch's Linear, columns where it is stored transposed. */
export type OutputAxis = 'rows' | 'columns';

/** Some outputs of a linear layer: output i, in the mixed radix of the axis, counted from `start`. */
export interface Outputs {
  readonly start: number;
  readonly axis: StridedAxis;
}

/** A part of a fused layer, under the name that it has where layers are not fused. */
export interface FusedPart {
  readonly module: string;
  readonly outputs: Outputs;
}

/** How a fused layer comes apart, or why it is left whole. */
export type Splitting = { readonly parts: readonly FusedPart[]; readonly axis: OutputAxis } | string;

export const outputsFrom = (start: number, count: number): Outputs => ({
  start,
  axis: { sizes: [count], strides: [1] },
});

/** Parts that follow each other without a gap, module and number of outputs each. */
export function consecutive(parts: readonly (readonly [module: string, count: number])[]): FusedPart[] {
  let start = 0;
  return parts.map(([module, count]) => {
    const outputs = outputsFrom(start, count);
    start += count;
    return { module, outputs };
  });
}

/** The elements of some outputs: of a weight matrix, or of a vector of biases. */
export function selectOutputs(
  shape: readonly number[],
  along: OutputAxis,
  { start, axis }: Outputs,
): Selection {
  const count = elementCount(axis.sizes);
  const [rows = 0, cols = 0] = shape;
  if (shape.length === 1) return { shape: [count], start, rows: { sizes: [1], strides: [0] }, cols: axis };
  if (along === 'columns') {
    return { shape: [rows, count], start, rows: { sizes: [rows], strides: [cols] }, cols: axis };
  }
  const strides = axis.strides.map((stride) => stride * cols);
  return {
    shape: [count, cols],
    start: start * cols,
    rows: { sizes: axis.sizes, strides },
    cols: { sizes: [cols], strides: [1] },
  };
}

/** Words for some outputs, e.g. "rows 0 to 3071". */
export function outputsText(shape: readonly number[], along: OutputAxis, { start, axis }: Outputs): string {
  const unit = shape.length === 1 ? 'elements' : along;
  const count = elementCount(axis.sizes);
  if (axis.sizes.length > 1) {
    const groups = `${String(axis.sizes[0])} runs of ${String(count / (axis.sizes[0] ?? 1))}`;
    return `${groups} ${unit} from ${String(start)}, one every ${String(axis.strides[0])}`;
  }
  const [stride = 1] = axis.strides;
  const last = String(start + (count - 1) * stride);
  return stride === 1
    ? `${unit} ${String(start)} to ${last}`
    : `${unit} ${String(start)}, ${String(start + stride)}, … ${last}`;
}

import type { Decomposition } from '../kernels/Decomposition.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import type { SvdRequest } from '../kernels/requests.ts';
import { middleStart, sweepDimensions, type Ingredient } from '../measures/evidence.ts';
import { tensorSource } from '../tensors/tensorSource.ts';
import type { TensorInfo } from '../contract/checkpoint.ts';
import { decompositionFlops } from './cost.ts';
import type { TensorItem } from './plan.ts';

export const METHOD = 'gram_f64';

type Counts = Required<Pick<SvdRequest, 'top' | 'bottom'>> & { readonly middle: number };

/** Which decompositions of one tensor are needed, by the part of the spectrum whose vectors are held. */
export interface BasisPlan {
  readonly head: Counts;
  /** Apart from the head where the two would overlap, as in small matrices; null where it is not needed or part of `head`. */
  readonly middle: Counts | null;
  /** All directions at once; null where they are not needed. */
  readonly full: Counts | null;
}

/** @param sweep further leading dimensions that are asked for */
export function basisPlan(
  { rows, cols, k }: Pick<TensorItem, 'rows' | 'cols' | 'k'>,
  needs: ReadonlySet<Ingredient>,
  sweep: readonly number[],
): BasisPlan {
  const short = Math.min(rows, cols);
  const middle = needs.has('middle') ? k : 0;
  const top = needs.has('sweep') ? Math.max(k, ...sweepDimensions(sweep, rows, cols)) : k;
  const start = middleStart(k, rows, cols);
  const overlaps = middle > 0 && (start < top || start + k > short - k);
  return {
    head: { top, middle: overlaps ? 0 : middle, bottom: needs.has('tail') ? k : 0 },
    middle: overlaps ? { top: 0, middle: k, bottom: 0 } : null,
    full: needs.has('svf') ? { top: short, middle: 0, bottom: 0 } : null,
  };
}

const directions = (counts: Counts | null): number =>
  counts === null ? 0 : counts.top + counts.middle + counts.bottom;

/** Singular vectors of a plan that are held for one checkpoint's tensor; the full frame only for references. */
export function heldDirections({ head, middle, full }: BasisPlan): number {
  return directions(head) + directions(middle) + directions(full);
}

/** The decompositions of one checkpoint's tensor. */
export class Bases implements Disposable {
  readonly head: Decomposition;
  readonly middle: Decomposition;
  readonly #separate: Decomposition | null;

  private constructor(head: Decomposition, separate: Decomposition | null) {
    this.head = head;
    this.middle = separate ?? head;
    this.#separate = separate;
  }

  static async of(
    tensor: TensorInfo,
    plan: BasisPlan,
    { kernels, signal }: { readonly kernels: Kernels; readonly signal: AbortSignal },
  ): Promise<Bases> {
    const request = { method: METHOD, tensor: tensorSource(tensor) } as const;
    using stack = new DisposableStack();
    const head = stack.use(await kernels.svd({ ...request, ...plan.head }, { signal }));
    const separate =
      plan.middle === null ? null : stack.use(await kernels.svd({ ...request, ...plan.middle }, { signal }));
    stack.move();
    return new Bases(head, separate);
  }

  get residual(): number {
    const parts = [this.head, this.middle];
    return Math.max(...parts.flatMap(({ residual, traceError }) => [residual, traceError]));
  }

  [Symbol.dispose](): void {
    this.head[Symbol.dispose]();
    this.#separate?.[Symbol.dispose]();
  }
}

/** Floating-point operations of a plan for one tensor. */
export function basisFlops({ rows, cols }: Pick<TensorItem, 'rows' | 'cols'>, plan: BasisPlan): number {
  const once = (counts: Counts | null): number =>
    counts === null ? 0 : decompositionFlops(rows, cols, directions(counts));
  return once(plan.head) + once(plan.middle);
}

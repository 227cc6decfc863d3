import type { AlignedTensor, Alignment } from '../contract/alignment.ts';
import type { AlignmentReport } from '../contract/alignmentReport.ts';
import type { TensorInfo } from '../contract/checkpoint.ts';
import { isPartial } from '../study/selectTensors.ts';

/** A list in which everything stands once; an entry is its index. */
class Dictionary<T extends string> {
  readonly entries: T[] = [];
  readonly #places = new Map<string, number>();

  constructor(...first: T[]) {
    for (const entry of first) this.place(entry);
  }

  place(entry: T): number {
    const known = this.#places.get(entry);
    if (known !== undefined) return known;
    this.#places.set(entry, this.entries.length);
    return this.entries.push(entry) - 1;
  }
}

const shapeOf = (tensor: TensorInfo | null): string => (tensor ? `[${tensor.shape.join(', ')}]` : '');

/** Alignments as columns of indices: a hundredth of the same as objects. */
export function alignmentReport(alignments: readonly Alignment[]): AlignmentReport {
  const names = new Dictionary<string>();
  const modules: string[] = [];
  const shapes = new Dictionary<string>('');
  const dtypes = new Dictionary<string>('');
  const details = new Dictionary<string>('');
  const reasons = new Dictionary<AlignmentReport['reasons'][number]>('');
  const nameOf = ({ tensor, role }: AlignedTensor): number => {
    const place = names.place(tensor);
    modules[place] ??= role.module;
    return place;
  };
  const variants = alignments.map(({ variant, reference, tensors }) => ({
    variant,
    reference,
    name: tensors.map(nameOf),
    reason: tensors.map(({ reason }) => reasons.place(reason ?? '')),
    detail: tensors.map(({ detail }) => details.place(detail ?? '')),
    referenceShape: tensors.map((tensor) => shapes.place(shapeOf(tensor.reference))),
    variantShape: tensors.map((tensor) => shapes.place(shapeOf(tensor.variant))),
    referenceDtype: tensors.map((tensor) => dtypes.place(tensor.reference?.dtype ?? '')),
    variantDtype: tensors.map((tensor) => dtypes.place(tensor.variant?.dtype ?? '')),
    partial: tensors.flatMap((tensor, line) => (isPartial(tensor) ? [line] : [])),
  }));
  return {
    schema: 'polarimeter.alignment-report/1',
    names: names.entries,
    modules,
    shapes: shapes.entries,
    dtypes: dtypes.entries,
    details: details.entries,
    reasons: reasons.entries,
    variants,
  };
}

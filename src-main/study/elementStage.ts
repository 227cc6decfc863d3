import { must } from '../base/assert.ts';
import type { ElementEvidence } from '../measures/evidence.ts';
import { tensorSource } from '../tensors/tensorSource.ts';
import type { TensorItem } from './plan.ts';
import type { ElementOutcome, Pair, Run, Sibling } from './run.ts';

/** One element pass per reference, over all its variants at once. */
export async function elementStage(
  item: TensorItem,
  pairs: readonly Pair[],
  siblings: readonly Sibling[],
  run: Run,
): Promise<ElementOutcome> {
  const elements = new Map<Pair, ElementEvidence>();
  const dots = new Map<Sibling, number>();
  let method = '';
  for (const group of Map.groupBy(pairs, ({ from }) => from).values()) {
    run.meter.stage(item.tensor, 'elements');
    const reference = must(group[0], item.tensor).reference;
    const source = tensorSource(reference);
    const exponents = await run.kernels.exponentHistogram(source, { signal: run.signal });
    const request = {
      reference: source,
      variants: group.map(({ tensor }) => tensorSource(tensor)),
      bf16Thresholds: run.thresholds,
    };
    const result = await run.kernels.elementPass(request, { signal: run.signal });
    run.meter.worked({ bytes: result.bytes + reference.bytes });
    method = `element_pass_${result.isa} (cpu)`;
    group.forEach((pair, i) => elements.set(pair, { ...must(result.pairs[i], item.tensor), exponents }));
    for (const sibling of siblings) {
      const [a, b] = [group.indexOf(sibling.a), group.indexOf(sibling.b)];
      if (a >= 0 && b >= 0) dots.set(sibling, result.updateDots[a * group.length + b] ?? NaN);
    }
  }
  return { elements, dots, method };
}

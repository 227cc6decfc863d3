import { must } from '../base/assert.ts';
import type { ElementEvidence } from '../measures/evidence.ts';
import { bf16Threshold } from '../measures/bf16.ts';
import { tensorSource } from '../tensors/tensorSource.ts';
import type { TensorItem } from './plan.ts';
import type { ElementOutcome, ElementPass, Pair, Run, Together } from './run.ts';

/** Reads one reference and variants of it once. */
async function readElements(
  item: TensorItem,
  pairs: readonly Pair[],
  run: Run,
  overlaps: boolean,
): Promise<ElementPass> {
  const { kernels, meter, signal, options } = run;
  const reference = must(pairs[0], item.tensor).reference;
  const result = await kernels.elementPass(
    {
      reference: tensorSource(reference),
      variants: pairs.map(({ tensor }) => tensorSource(tensor)),
      bf16Thresholds: options.tolerances.map(bf16Threshold),
      profiles: pairs.some(({ missing }) => missing.some(({ needs }) => needs.includes('profiles'))),
      overlaps: overlaps && pairs.length > 1,
    },
    { signal },
  );
  meter.worked(item.tensor, { bytes: result.bytes });
  return { pairs, result };
}

const sameMembers = (a: readonly Pair[], b: readonly Pair[]): boolean =>
  a.length === b.length && a.every((pair) => b.includes(pair));

/**
 * One element pass per reference, over all its variants at once; and one more for each set of runs that is not all of them, for what
 * they have in common.
 * @param wanting pairs whose own measures need their elements
 */
export async function elementStage(
  item: TensorItem,
  wanting: readonly Pair[],
  together: readonly Together[],
  run: Run,
): Promise<ElementOutcome> {
  const elements = new Map<Pair, ElementEvidence>();
  const passes: ElementPass[] = [];
  const kin = together.flatMap(({ pairs }) => pairs);
  const all = [...new Set([...wanting, ...kin])];
  for (const group of Map.groupBy(all, ({ from }) => from).values()) {
    run.meter.stage(item.tensor, 'elements');
    const reference = must(group[0], item.tensor).reference;
    const exponents = await run.kernels.exponentHistogram(tensorSource(reference), { signal: run.signal });
    run.meter.worked(item.tensor, { bytes: reference.bytes });
    const pass = await readElements(item, group, run, kin.length > 0);
    passes.push(pass);
    group.forEach((pair, i) => elements.set(pair, { ...must(pass.result.pairs[i], item.tensor), exponents }));
  }
  for (const set of together.flatMap(({ sets }) => sets)) {
    if (!passes.some(({ pairs }) => sameMembers(pairs, set)))
      passes.push(await readElements(item, set, run, true));
  }
  const isa = passes[0]?.result.isa;
  return { elements, passes, method: isa === undefined ? '' : `element_pass_${isa} (cpu)` };
}

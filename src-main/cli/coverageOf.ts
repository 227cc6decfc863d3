import { ALIGNMENT_REASONS, isUncounted, type AlignedTensor, type Alignment } from '../contract/alignment.ts';
import { formatCompact, formatCount } from '../contract/format.ts';

/** Pairs of element types named; further ones are counted. */
const TYPES_SHOWN = 4;

/**
 * "56 of 57 tensors compared, 2 of them in part, 1.12 M parameters, types BF16 vs Q8_0 (50), BF16 vs F32 (6); not compared: 1 (the shapes
 * differ); not counted: 50 (quantisation bookkeeping …)". Types are named where they are not one and the same.
 */
export function coverageOf({ compared, partial, parametersCompared, tensors }: Alignment): string {
  const [uncounted, counted] = [tensors.filter(isUncounted), tensors.filter((each) => !isUncounted(each))];
  const left = counted.filter(({ status }) => status === 'not-compared');
  const head = `${formatCount(compared)} of ${formatCount(counted.length)} tensors compared`;
  const parts = [
    partial === 0 ? head : `${head}, ${formatCount(partial)} of them in part`,
    `${formatCompact(parametersCompared)} parameters`,
    ...typesOf(tensors),
  ];
  return [
    parts.join(', '),
    ...(left.length === 0 ? [] : [`not compared: ${reasonsOf(left)}`]),
    ...(uncounted.length === 0 ? [] : [`not counted: ${reasonsOf(uncounted)}`]),
  ].join('; ');
}

function reasonsOf(tensors: readonly AlignedTensor[]): string {
  const reasons = Map.groupBy(tensors, ({ reason }) =>
    reason === null ? 'no reason given' : ALIGNMENT_REASONS[reason],
  );
  return [...reasons].map(([reason, found]) => `${formatCount(found.length)} (${reason})`).join(', ');
}

/** What is behind numbers that were dequantised, derived or widened; nothing where both sides have one and the same type. */
function typesOf(tensors: readonly AlignedTensor[]): string[] {
  const compared = tensors.filter(({ status }) => status === 'compared');
  const pairs = Map.groupBy(compared, ({ reference, variant }) =>
    [...new Set([reference?.dtype, variant?.dtype])].join(' vs '),
  );
  const [only] = pairs.keys();
  if (pairs.size === 1 && only !== undefined && /^\w+$/.test(only)) return [];
  const sorted = [...pairs].sort(([, a], [, b]) => b.length - a.length);
  const shown = sorted
    .slice(0, TYPES_SHOWN)
    .map(([types, found]) => `${types} (${formatCount(found.length)})`);
  const more = sorted.length - shown.length;
  return [`types ${shown.join(', ')}${more > 0 ? ` and ${formatCount(more)} more` : ''}`];
}

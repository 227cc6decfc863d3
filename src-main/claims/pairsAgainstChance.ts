import { compareWithNull, commonSide, nullSentence, type NullComparison } from './againstNull.ts';
import { notApplicable, type Judgement } from './Claim.ts';
import { evidence, partnerOf, type ClaimRows, type NumberRow } from './ClaimRows.ts';
import { SIDES_RULE } from './sides.ts';
import { spanText } from './spanText.ts';

const MARGIN = 0.05;

/** How the rule of `pairsAgainstChance` reads. */
export const PAIRS_RULE = `Over all pairs of last checkpoints of RL runs from the same weights. Supported: every pair is at least 5 % above the overlap of independent masks and ${SIDES_RULE}; and where an RL and an SFT run start from the same weights, RL pairs exceed chance by more than that control. Contradicted: every pair is 5 % below chance by the same test. Open: otherwise.`;

/** Overlap of the update masks of RL runs against independent masks, with pairs of an RL and an SFT run as a control. */
export function pairsAgainstChance(rows: ClaimRows, measure: string): Judgement {
  const pairs = rows.pairs(measure, 'rl', 'rl');
  if (typeof pairs === 'string') return notApplicable(pairs);
  const compare = (row: NumberRow): NullComparison | [] =>
    compareWithNull(row, rows.tensors(measure, row.variant, partnerOf(row)), { margin: MARGIN }) ?? [];
  const compared = pairs.flatMap(compare);
  if (compared.length === 0) return notApplicable(`${measure} has no baseline here`);
  const mixed = rows.pairs(measure, 'rl', 'sft');
  const control = typeof mixed === 'string' ? [] : mixed.flatMap(compare);
  const ratios = (all: readonly NullComparison[]): number[] => all.map(({ ratio }) => ratio);
  const isControlled = control.length === 0 || Math.min(...ratios(compared)) > Math.max(...ratios(control));
  const side = commonSide(compared);
  const verdict = side === 'below' ? 'contradicted' : side === 'above' && isControlled ? 'supported' : 'open';
  const beside =
    control.length === 0
      ? ' No SFT run starts from the same weights as an RL run, so there is no control for what weight size alone gives.'
      : ` RL with RL ${spanText(ratios(compared), 'ratio')} times chance, RL with SFT ${spanText(ratios(control), 'ratio')} times.`;
  const subject = `${compared.length} ${compared.length === 1 ? 'pair' : 'pairs'} of RL runs`;
  return {
    verdict,
    because: nullSentence(compared, subject, 'independent masks') + beside,
    evidence: [...compared, ...control].map(({ row, above, below }) =>
      evidence(row, above + below === 0 ? '' : `above in ${above} of ${above + below} tensors`),
    ),
  };
}

import { againstNull, commonSide, nullEvidence, nullSentence, runsOf } from './againstNull.ts';
import { notApplicable, type Judgement } from './Claim.ts';
import { evidence, type ClaimRows } from './ClaimRows.ts';
import { SIDES_RULE } from './sides.ts';
import { spanText } from './spanText.ts';

const MARGIN = 0.05;

/** How the rule of `maskOverlap` reads. */
export function maskRule(claimed: 'above' | 'below'): string {
  const other = claimed === 'above' ? 'below' : 'above';
  return `Over the last checkpoints of all RL runs. Supported: every overlap is at least 5 % ${claimed} the density of its mask and ${SIDES_RULE}; and it is at least 5 % ${claimed} the precision-matched null too. Contradicted: every overlap is ${other} the density by the same test. Open: otherwise, also when the precision-matched null is missing or gives the same, so that rounding explains it.`;
}

/** Whether RL's update mask overlaps a mask of the base less or more than its density, and than rounding explains. */
export function maskOverlap(rows: ClaimRows, measure: string, claimed: 'above' | 'below'): Judgement {
  const compared = againstNull(rows, measure, { role: 'rl', margin: MARGIN });
  if (typeof compared === 'string') return notApplicable(compared);
  const matched = rows.perRun(`${measure}.over-null`, 'rl');
  const ratios = typeof matched === 'string' ? [] : matched.map(({ value }) => value);
  const beyond = (ratio: number): boolean =>
    claimed === 'above' ? ratio >= 1 + MARGIN : ratio <= 1 - MARGIN;
  const isBeyond = ratios.length === compared.length && ratios.every(beyond);
  const side = commonSide(compared);
  const verdict =
    side === claimed
      ? isBeyond
        ? 'supported'
        : 'open'
      : isOpposite(side, claimed)
        ? 'contradicted'
        : 'open';
  const nulls =
    ratios.length === 0
      ? ' The precision-matched null is not stored.'
      : ` Against the precision-matched null it is ${spanText(ratios, 'ratio')} times${side === claimed && !isBeyond ? ', so rounding explains it' : ''}.`;
  const sft = againstNull(rows, measure, { role: 'sft', margin: MARGIN });
  const beside =
    typeof sft === 'string'
      ? ''
      : ` SFT: ${spanText(
          sft.map(({ row }) => row.value),
          'share',
        )}.`;
  return {
    verdict,
    because: nullSentence(compared, runsOf(compared, 'rl'), 'the density of the mask gives') + nulls + beside,
    evidence: [
      ...[...compared, ...(typeof sft === 'string' ? [] : sft)].map(nullEvidence),
      ...(typeof matched === 'string'
        ? []
        : matched.map((row) => evidence(row, 'times the precision-matched null'))),
    ],
  };
}

function isOpposite(side: string, claimed: 'above' | 'below'): boolean {
  return side === (claimed === 'above' ? 'below' : 'above');
}

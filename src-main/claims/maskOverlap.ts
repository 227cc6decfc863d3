import { againstNull, commonSide, nullEvidence, nullSentence, runsOf } from './againstNull.ts';
import { notApplicable, type Judgement } from './Claim.ts';
import { evidence, type ClaimRows } from './ClaimRows.ts';
import { SIDES_RULE } from './sides.ts';
import { spanText } from './spanText.ts';

const MARGIN = 0.05;

/** How the rule of `maskOverlap` reads. */
export function maskRule(claimed: 'above' | 'below'): string {
  const other = claimed === 'above' ? 'below' : 'above';
  return `Over the last checkpoints of all RL runs. Supported: every overlap is at least 5 % ${claimed} the density of its mask and ${SIDES_RULE}; and it is at least 5 % ${claimed} an isotropic update that changes as many weights too. Contradicted: every overlap is ${other} the density by the same test. Open: otherwise, also when such an update gives the same, so that rounding explains it, or its value is missing. The permuted update stands beside and does not decide: of weights stored in bf16 only the changes that survived rounding are known, which biases it.`;
}

/** Whether RL's update mask overlaps a mask of the base less or more than its density, and than rounding explains. */
export function maskOverlap(rows: ClaimRows, measure: string, claimed: 'above' | 'below'): Judgement {
  const compared = againstNull(rows, measure, { role: 'rl', margin: MARGIN });
  if (typeof compared === 'string') return notApplicable(compared);
  const matched = rows.perRun(`${measure}.over-isotropic`, 'rl');
  const permuted = rows.perRun(`${measure}.over-null`, 'rl');
  const ratios = typeof matched === 'string' ? [] : matched.map(({ value }) => value);
  const beyond = (ratio: number): boolean =>
    claimed === 'above' ? ratio >= 1 + MARGIN : ratio <= 1 - MARGIN;
  const isBeyond = ratios.length === compared.length && ratios.every(beyond);
  const side = commonSide(compared);
  const nulls = isotropicText(ratios, side === claimed && !isBeyond);
  const sft = againstNull(rows, measure, { role: 'sft', margin: MARGIN });
  const beside =
    typeof sft === 'string'
      ? ''
      : ` SFT: ${spanText(
          sft.map(({ row }) => row.value),
          'share',
        )}.`;
  return {
    verdict: verdictOf(side, claimed, isBeyond),
    because: nullSentence(compared, runsOf(compared, 'rl'), 'the density of the mask gives') + nulls + beside,
    evidence: [
      ...[...compared, ...(typeof sft === 'string' ? [] : sft)].map(nullEvidence),
      ...(typeof matched === 'string'
        ? []
        : matched.map((row) => evidence(row, 'times an isotropic update that changes as many'))),
      ...(typeof permuted === 'string'
        ? []
        : permuted.map((row) => evidence(row, 'times the same update, permuted and rounded'))),
    ],
  };
}

function isotropicText(ratios: readonly number[], explains: boolean): string {
  if (ratios.length === 0) return ' What an isotropic update gives is not stored.';
  const times = `${spanText(ratios, 'ratio')} times${explains ? ', so rounding explains it' : ''}`;
  return ` Against an isotropic update that changes as many weights it is ${times}.`;
}

function verdictOf(side: string, claimed: 'above' | 'below', isBeyond: boolean): Judgement['verdict'] {
  if (side === claimed) return isBeyond ? 'supported' : 'open';
  return side === (claimed === 'above' ? 'below' : 'above') ? 'contradicted' : 'open';
}

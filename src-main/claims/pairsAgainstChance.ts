import { compareWithNull, commonSide, nullSentence, type NullComparison } from './againstNull.ts';
import { notApplicable, type Judgement } from './Claim.ts';
import { baselineOf, evidence, partnerOf, type ClaimRows, type NumberRow } from './ClaimRows.ts';
import { SIDES_RULE } from './sides.ts';
import { spanText } from './spanText.ts';

const MARGIN = 0.05;
const UNCHANGED = 'update.unchanged.bf16';

/** How the rule of `pairsAgainstChance` reads. */
export const PAIRS_RULE = `Over all pairs of last checkpoints of RL runs from the same weights. Supported: every pair is at least 5 % above the overlap of independent masks and ${SIDES_RULE}; and every RL pair reaches more of the overlap that its densities leave possible beyond chance, (found - chance) / (most - chance) as a mean over tensors, than any pair of an RL and an SFT run from the same weights. Contradicted: every pair is 5 % below chance by the same test. Open: otherwise. Without such an SFT run there is no control, which is said.`;

/** Largest overlap that masks of densities p and q can have. */
export type Most = (p: number, q: number) => number;

interface Compared extends NullComparison {
  /** Mean over tensors of (found - chance) / (most - chance); null where densities are not stored. */
  readonly reach: number | null;
}

/** Overlap of the update masks of RL runs against independent masks, with pairs of an RL and an SFT run as a control. */
export function pairsAgainstChance(rows: ClaimRows, measure: string, most: Most): Judgement {
  const pairs = rows.pairs(measure, 'rl', 'rl');
  if (typeof pairs === 'string') return notApplicable(pairs);
  const compared = pairs.flatMap((row) => compare(rows, row, most) ?? []);
  if (compared.length === 0) return notApplicable(`${measure} has no baseline here`);
  const mixed = rows.pairs(measure, 'rl', 'sft');
  const control = typeof mixed === 'string' ? [] : mixed.flatMap((row) => compare(rows, row, most) ?? []);
  const [own, other] = [reaches(compared), reaches(control)];
  const hasControl = own.length === compared.length && other.length > 0;
  const isControlled = !hasControl || Math.min(...own) > Math.max(...other);
  const side = commonSide(compared);
  const verdict = side === 'below' ? 'contradicted' : side === 'above' && isControlled ? 'supported' : 'open';
  const beside = hasControl
    ? ` Of the overlap possible beyond chance, RL with RL reaches ${spanText(own, 'share')}, RL with SFT ${spanText(other, 'share')}.`
    : ' There is no SFT run from the same weights as a control for what the size of weights alone gives.';
  const subject = `${compared.length} ${compared.length === 1 ? 'pair' : 'pairs'} of RL runs`;
  return {
    verdict,
    because: nullSentence(compared, subject, 'independent masks give') + beside,
    evidence: [...compared, ...control].map(({ row, reach }) =>
      evidence(row, reach === null ? '' : `${spanText([reach], 'share')} of what is possible beyond chance`),
    ),
  };
}

function compare(rows: ClaimRows, row: NumberRow, most: Most): Compared | null {
  const tensors = rows.tensors(row.measure, row.variant, partnerOf(row));
  const found = compareWithNull(row, tensors, { margin: MARGIN });
  return found && { ...found, reach: reachOf(rows, row, { tensors, most }) };
}

function reaches(compared: readonly Compared[]): number[] {
  return compared.flatMap(({ reach }) => reach ?? []);
}

function reachOf(
  rows: ClaimRows,
  row: NumberRow,
  { tensors, most }: { tensors: readonly NumberRow[]; most: Most },
): number | null {
  const changed = (variant: string): ReadonlyMap<string | null, number> =>
    new Map(rows.tensors(UNCHANGED, variant).map(({ tensor, value }) => [tensor, 1 - value]));
  const [a, b] = [changed(row.variant), changed(partnerOf(row) ?? '')];
  const shares = tensors.flatMap((found) => {
    const [p, q, chance] = [a.get(found.tensor) ?? 0, b.get(found.tensor) ?? 0, baselineOf(found)];
    const room = chance === null || p === 0 || q === 0 ? 0 : most(p, q) - chance;
    return room > 0 ? [(found.value - (chance ?? 0)) / room] : [];
  });
  return shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

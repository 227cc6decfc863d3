import type { Judgement } from './Claim.ts';
import { notApplicable } from './Claim.ts';
import type { ClaimRows } from './ClaimRows.ts';
import { contrastBrief, contrastText } from './contrastText.ts';
import { contrastEvidence, normNote, roleContrast, type RoleContrast } from './roleContrast.ts';

const FACTOR = 1.1;

/** How the rule of `smallerInRl` reads. */
export const SMALLER_RULE =
  'Over the last checkpoints of all runs. Supported: the smallest SFT value is at least 1.1 times the largest RL value, most tensors of that closest pair agree (sign test p <= 0.01), and the same order holds by a factor of 1.25 after division by the relative update norm. Contradicted: RL is larger by the same test. Open: the runs overlap, or the order is gone per unit of norm, so that the smaller update explains it.';

/**
 * Whether every measure is smaller in RL than in SFT, and not only because the update is smaller.
 * @param measures id -> how the reason names it
 */
export function smallerInRl(rows: ClaimRows, measures: Readonly<Record<string, string>>): Judgement {
  const contrasts: RoleContrast[] = [];
  for (const measure of Object.keys(measures)) {
    const found = roleContrast(rows, measure, { by: { factor: FACTOR } });
    if (typeof found === 'string') return notApplicable(found);
    contrasts.push(found);
  }
  const all = (test: (contrast: RoleContrast) => boolean): boolean => contrasts.every(test);
  const smaller = all(({ order }) => order === 'sft-higher');
  const verdict = all(({ order }) => order === 'rl-higher')
    ? 'contradicted'
    : smaller && all(({ perNorm }) => perNorm === 'sft-higher')
      ? 'supported'
      : 'open';
  const size =
    smaller && verdict === 'open'
      ? ' Per unit of update norm the order is gone: the smaller update explains it.'
      : '';
  const note = normNote(rows, contrasts[0] ? [...contrasts[0].rl, ...contrasts[0].sft] : []);
  return {
    verdict,
    because: textOf(contrasts, Object.values(measures)) + size + note,
    evidence: contrasts.flatMap((contrast) => contrastEvidence(contrast, rows)),
  };
}

function textOf(contrasts: readonly RoleContrast[], titles: readonly string[]): string {
  const [only] = contrasts;
  if (contrasts.length === 1 && only) return contrastText(only);
  return contrasts.map((contrast, i) => `${titles[i] ?? ''}: ${contrastBrief(contrast)}`).join(' ');
}

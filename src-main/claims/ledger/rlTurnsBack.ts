import type { ClaimEvidence } from '../../contract/claim.ts';
import { notApplicable, type Claim } from '../Claim.ts';
import { evidence, type ClaimRows } from '../ClaimRows.ts';
import { SECTIONS } from '../sections.ts';
import { spanText } from '../spanText.ts';

const MEASURE = 'update.norm';
const LEAST = 0.05;

export const rlTurnsBack: Claim = {
  info: {
    id: 'rl-turns-back',
    title: 'RL after SFT moves the weights back toward the base',
    statement:
      'RL repairs what SFT forgot by turning singular vectors back toward where they were. In weights, its update would then point against that of SFT.',
    citations: [
      { arxiv: '2509.12235', where: 'restoration of singular vectors; the reading in weights is own' },
    ],
    definition:
      'Cosine between the update of RL from the SFT checkpoint and the update of SFT from the base, over all parameters. It follows from three norms: |dW_SFT|, |dW_RL| and the distance of the RL checkpoint from the base. This tests only whether the direction is there; whether accuracy returns needs probes.',
    conflict: 'rotating-back',
    section: SECTIONS.heals,
    published: [],
    chance: '0 for independent directions, with standard deviation 1 / sqrt(number of parameters).',
    rule: 'For every last RL checkpoint that starts from an SFT checkpoint and is also listed in the study against what that SFT started from. Supported: every cosine is -0.05 or less. Contradicted: every cosine is 0.05 or more. Open: otherwise.',
    needs: 'weights',
    measures: [MEASURE],
  },
  perTensor: [],
  judge: (rows) => {
    const found = rows.ends('rl').flatMap(({ label }) => back(rows, label) ?? []);
    if (found.length === 0)
      return notApplicable(
        'it needs an RL checkpoint that starts from an SFT checkpoint of the study and is listed a second time against the base',
      );
    const cosines = found.map(({ cosine }) => cosine);
    const verdict = cosines.every((cosine) => cosine <= -LEAST)
      ? 'supported'
      : cosines.every((cosine) => cosine >= LEAST)
        ? 'contradicted'
        : 'open';
    return {
      verdict,
      because: `Cosine between the update of RL and that of the SFT before it: ${spanText(cosines, 'cosine')}, where independent directions give 0.`,
      evidence: found.map(({ shown }) => shown),
    };
  },
};

/** The cosine for one RL variant, by the law of cosines; null where one of the three norms is not there. */
function back(rows: ClaimRows, label: string): { cosine: number; shown: ClaimEvidence } | null {
  const variant = (name: string | undefined) => rows.variants.find((one) => one.label === name);
  const rl = variant(label);
  const sft = variant(rl?.from);
  const whole = rows.variants.find((one) => one.path === rl?.path && one.from === sft?.from && one !== rl);
  if (!rl || sft?.role !== 'sft' || !whole) return null;
  const row = rows.overall(MEASURE, rl.label);
  const [a, b, c] = [sft.label, rl.label, whole.label].map((one) => rows.overall(MEASURE, one)?.value ?? 0);
  if (!row || !a || !b || !c) return null;
  const cosine = (c * c - a * a - b * b) / (2 * a * b);
  return {
    cosine,
    shown: {
      ...evidence(row, `cosine, from the norms of ${sft.label}, ${rl.label} and ${whole.label}`),
      partner: sft.label,
      value: cosine,
      unit: 'cosine',
      baseline: 0,
    },
  };
}

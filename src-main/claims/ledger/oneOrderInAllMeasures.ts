import { notApplicable, type Claim } from '../Claim.ts';
import type { ClaimRows } from '../ClaimRows.ts';
import { contrastBrief } from '../contrastText.ts';
import { printed } from '../printed.ts';
import { contrastEvidence, normNote, roleContrast, type Order, type RoleContrast } from '../roleContrast.ts';
import { SECTIONS } from '../sections.ts';

interface Aspect {
  readonly measure: string;
  readonly title: string;
  readonly published: Order;
  readonly by: { readonly factor: number } | { readonly difference: number };
}

const ASPECTS: readonly Aspect[] = [
  { measure: 'update.unchanged.bf16', title: 'Unchanged', published: 'rl-higher', by: { difference: 0.05 } },
  { measure: 'masks.principal', title: 'On principal weights', published: 'sft-higher', by: { factor: 1.1 } },
  { measure: 'masks.low', title: 'On small weights', published: 'rl-higher', by: { factor: 1.1 } },
  { measure: 'angles.left.median', title: 'Median angle', published: 'sft-higher', by: { factor: 1.1 } },
  { measure: 'spectrum.nss', title: 'Spectral shift', published: 'sft-higher', by: { factor: 1.1 } },
];
const FEWEST = 4;

/** Measure, then SFT, on-policy distillation, RLVR; per cent. */
const TABLE: readonly (readonly [string, number, number, number, number | null])[] = [
  ['update sparsity', 8.1, 51.6, 77.2, null],
  ['update density over analysed matrices', 92.73, 46.28, 27.76, null],
  ['overlap with principal mask', 29.66, 27.31, 26.65, 30],
  ['overlap with low-magnitude mask', 31.88, 53.59, 73.48, 30],
];

const WHERE = 'Qwen3-8B, same data';

export const oneOrderInAllMeasures: Claim = {
  info: {
    id: 'one-order-in-all-measures',
    title: 'SFT and RL differ in the same sense in every measure of geometry',
    statement:
      'On the same data SFT changes most weights, leans least to small weights, turns subspaces and moves spectra most; RLVR is at the other end and on-policy distillation between.',
    citations: [{ arxiv: '2606.07082', where: 'comparison of SFT, on-policy distillation and RLVR' }],
    definition:
      'Unchanged share, overlap with the principal and the low-magnitude mask, principal angle and normalised spectral shift, each as in the claims on them. Settings there: k = 512, masks of 30 % in the text; here the options of the study. A study has no role for on-policy distillation, so only the two ends are compared.',
    conflict: null,
    section: SECTIONS.newer,
    published: [
      ...TABLE.flatMap(([label, sft, opd, rlvr, baseline]) => [
        printed({ label: `${label}, SFT`, value: sft, baseline, unit: '%', where: WHERE }),
        printed({ label: `${label}, on-policy distillation`, value: opd, baseline, unit: '%', where: WHERE }),
        printed({ label: `${label}, RLVR`, value: rlvr, baseline, unit: '%', where: WHERE }),
      ]),
      printed({ label: 'principal angle, SFT', qualifier: 'above', value: 10, unit: '°', where: WHERE }),
      printed({
        label: 'principal angle, on-policy distillation',
        qualifier: 'about',
        value: 1,
        unit: '°',
        where: WHERE,
      }),
      printed({ label: 'principal angle, RLVR', qualifier: 'below', value: 0.5, unit: '°', where: WHERE }),
      printed({ label: 'spectral shift, SFT', qualifier: 'order of', value: 1e-3, unit: '', where: WHERE }),
      printed({
        label: 'spectral shift, on-policy distillation',
        qualifier: 'order of',
        value: 1e-4,
        unit: '',
        where: WHERE,
      }),
      printed({ label: 'spectral shift, RLVR', qualifier: 'order of', value: 1e-5, unit: '', where: WHERE }),
    ],
    chance:
      'All of these except the mask overlaps grow or shrink with the size of the update, so one difference in size puts them in one order.',
    rule: 'Over the last checkpoints of all runs. An aspect is as published when the roles are apart by a factor of 1.1 (5 points for the unchanged share) and most tensors of the closest pair agree (sign test p <= 0.01). Supported: all aspects that are measured, at least four of five, are as published. Contradicted: at least half of them are the other way round. Open: otherwise.',
    needs: 'weights',
    measures: [...ASPECTS.map(({ measure }) => measure), 'update.relative-norm'],
  },
  perTensor: ASPECTS.map(({ measure }) => measure),
  judge: (rows) => {
    const found = ASPECTS.flatMap((aspect) => contrastOf(rows, aspect) ?? []);
    if (found.length < FEWEST)
      return notApplicable(
        `only ${found.length} of 5 aspects are measured for both RL and SFT; four are needed`,
      );
    const asPublished = found.filter(({ aspect, contrast }) => contrast.order === aspect.published).length;
    const unclear = found.filter(({ contrast }) => contrast.order === 'overlapping').length;
    const reversed = found.length - asPublished - unclear;
    const first = found[0]?.contrast;
    return {
      verdict:
        asPublished === found.length ? 'supported' : 2 * reversed >= found.length ? 'contradicted' : 'open',
      because: `${asPublished} of ${found.length} aspects as published, ${reversed} the other way round, ${unclear} not clearly apart. ${found.map(({ aspect, contrast }) => `${aspect.title}: ${contrastBrief(contrast)}`).join(' ')}${first ? normNote(rows, [...first.rl, ...first.sft]) : ''}`,
      evidence: found.flatMap(({ contrast }) => contrastEvidence(contrast, rows)),
    };
  },
};

function contrastOf(rows: ClaimRows, aspect: Aspect): { aspect: Aspect; contrast: RoleContrast } | null {
  const contrast = roleContrast(rows, aspect.measure, { by: aspect.by });
  return typeof contrast === 'string' ? null : { aspect, contrast };
}

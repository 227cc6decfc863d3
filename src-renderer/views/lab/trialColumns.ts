import { formatPlain, formatValue } from '../../../src-main/contract/format.ts';
import type { Paired } from '../../../src-main/contract/probe.ts';
import type { TrialResult } from '../../../src-main/contract/sweep.ts';
import {
  OUTCOME_SIGNS,
  outcomeOf,
  points,
  probeOf,
  pOf,
  valueOf,
  valueText,
  type TrialSubject,
} from '../../../src-main/figures/trialSubject.ts';
import type { TableColumn } from '../../widgets/tableColumns.ts';
import { TRIAL_STATES } from './labWords.ts';

type Column = TableColumn<TrialResult>;

const none = '–';

function pairedText(paired: Paired | null | undefined): string {
  if (!paired) return none;
  const outcome = outcomeOf(paired);
  return `${outcome === 'open' ? '' : `${OUTCOME_SIGNS[outcome]} `}${points(paired.difference)}`;
}

/** "repair", "control, waits". */
function kindText({ trial, state }: TrialResult): string {
  const kind = trial.kind === 'model' ? (trial.part ?? 'model') : trial.kind;
  return state === 'done' ? kind : `${kind}, ${TRIAL_STATES[state]}`;
}

/** What a trial is, and how far it goes. */
const FIXED: { readonly first: readonly Column[]; readonly last: readonly Column[] } = {
  first: [
    {
      id: 'trial',
      title: 'trial',
      align: 'start',
      width: 12.5,
      grow: 6,
      text: ({ trial }) => trial.label,
      rank: ({ trial }) => trial.label,
    },
    {
      id: 'kind',
      title: 'kind',
      hint: 'What it is, and how far it is where it is not done',
      align: 'start',
      width: 5.6,
      text: kindText,
      rank: kindText,
    },
  ],
  last: [
    {
      id: 'distance',
      title: 'distance',
      hint: '|W′ − W_target| as a share of |W_donor − W_target|; the norm where there is no such share',
      align: 'end',
      width: 4,
      text: ({ moved }) =>
        moved === null
          ? none
          : moved.shareOfDonor === null
            ? formatPlain(moved.norm)
            : formatValue(moved.shareOfDonor, 'share'),
      rank: ({ moved }) => moved?.shareOfDonor ?? moved?.norm ?? null,
    },
  ],
};

/** How much was solved, and how much of the loss that is. */
function measuredOn(name: string): Column[] {
  return [
    {
      id: 'solved',
      title: `${name} solved`,
      hint: `Share of the problems of ${name} that were solved, with its 95 % Wilson interval`,
      align: 'end',
      width: 8.2,
      text: (result) => valueText(valueOf(result, name, 'accuracy')).replace('none', none),
      rank: (result) => valueOf(result, name, 'accuracy')?.value ?? null,
    },
    {
      id: 'recovered',
      title: 'recovered',
      hint: 'Share of what was lost that came back, of how many points were lost',
      align: 'end',
      width: 8.3,
      text: (result) => {
        const recovery = probeOf(result, name)?.recovery ?? null;
        if (!recovery) return none;
        return `${formatValue(recovery.value, 'share')} of ${points(recovery.denominator).slice(1)}`;
      },
      rank: (result) => probeOf(result, name)?.recovery?.value ?? null,
    },
  ];
}

/** Against the target and against the best control, on the same problems. */
function comparedOn(name: string): Column[] {
  return [
    {
      id: 'changed',
      title: 'gained / lost',
      hint: 'Problems that the target fails and this trial solves, and the other way round',
      align: 'end',
      width: 4.6,
      text: (result) => {
        const paired = probeOf(result, name)?.versusTarget;
        return paired ? `${String(paired.gained)} / ${String(paired.lost)}` : none;
      },
      rank: (result) => probeOf(result, name)?.versusTarget?.difference ?? null,
    },
    {
      id: 'p',
      title: 'p adjusted',
      hint: 'Exact McNemar test against the target, after Holm’s correction; in brackets where the test is not among those that are corrected',
      align: 'end',
      width: 4.4,
      text: (result) => {
        const paired = probeOf(result, name)?.versusTarget;
        return paired ? pOf(paired) : none;
      },
      rank: (result) => {
        const paired = probeOf(result, name)?.versusTarget;
        return paired ? (paired.pAdjusted ?? paired.p) : null;
      },
    },
    {
      id: 'control',
      title: 'vs control',
      hint: 'Against the best of its controls on the same problems: ▲ better, ▼ worse, after the correction; △ ▽ without it; no sign: not certain',
      align: 'end',
      width: 5,
      text: (result) => pairedText(probeOf(result, name)?.versusControl),
      rank: (result) => probeOf(result, name)?.versusControl?.difference ?? null,
    },
  ];
}

/** What a trial costs on a probe that nothing was lost on. */
function costOn(name: string): Column {
  return {
    id: `cost-${name}`,
    title: `${name} cost`,
    hint: `Difference from the target on ${name}: ▲ better, ▼ worse, after the correction; △ ▽ without it; no sign: not certain`,
    align: 'end',
    width: 5,
    text: (result) => pairedText(probeOf(result, name)?.versusTarget),
    rank: (result) => probeOf(result, name)?.versusTarget?.difference ?? null,
  };
}

/** The columns of the table of trials, on one probe, with what the trials cost on those in distribution. */
export function trialColumns({ probes }: TrialSubject, probe: string): Column[] {
  const costs = probes.filter(({ kind, name }) => kind === 'id' && name !== probe);
  const [solved, recovered] = measuredOn(probe);
  const own = [solved, ...comparedOn(probe), recovered].filter((column) => column !== undefined);
  return [...FIXED.first, ...own, ...costs.map(({ name }) => costOn(name)), ...FIXED.last];
}

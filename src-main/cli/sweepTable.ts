import type { Accuracy, Paired } from '../contract/probe.ts';
import type { SweepDocument, TrialProbe, TrialResult } from '../contract/sweep.ts';
import type { Table, TableColumn, TableLine } from './table.ts';

const MISSING = '-';

const percent = (share: number): string => (100 * share).toFixed(1);

function signed(share: number): string {
  const text = percent(share);
  return share > 0 ? `+${text}` : text;
}

const accuracy = ({ value, interval: [low, high] }: Accuracy): string =>
  `${percent(value)} [${percent(low)}, ${percent(high)}]`;

const pText = (p: number): string => (p < 0.001 ? '<.001' : p.toFixed(3).replace(/^0/, ''));

const change = ({ difference, interval: [low, high], p, pAdjusted }: Paired): string =>
  `${signed(difference)} [${percent(low)}, ${percent(high)}] ${pText(pAdjusted ?? p)}`;

const ends = (value: number): string => (Number.isFinite(value) ? (100 * value).toFixed(0) : 'any');

function recovered({ recovery }: TrialProbe): string {
  if (recovery?.value === null || recovery === null) return MISSING;
  const { value, interval } = recovery;
  return interval === null
    ? `${ends(value)} [none]`
    : `${ends(value)} [${ends(interval[0])}, ${ends(interval[1])}]`;
}

const right = (...header: string[]): TableColumn => ({ header, align: 'right' });

const NAME: TableColumn = { header: ['', 'trial'], align: 'left' };

interface View {
  readonly columns: readonly TableColumn[];
  readonly cells: (result: TrialResult) => string[];
  /** Whether a trial without answers has a line, which says how it stands. */
  readonly showsAll: boolean;
}

/** What came back on an OOD probe, against the best control. */
function recoveryView(name: string): View {
  return {
    columns: [
      NAME,
      right(name, 'right, %'),
      right('came back', '%'),
      right('against best control', 'points, p'),
      right('moved, %', 'of donor'),
    ],
    showsAll: true,
    cells: ({ probes, moved, state }) => {
      const probe = probes.find((each) => each.probe === name);
      const share = moved?.shareOfDonor ?? null;
      const distance = share === null ? MISSING : (100 * share).toFixed(0);
      if (!probe) return [state, MISSING, MISSING, distance];
      const control = probe.versusControl === null ? MISSING : change(probe.versusControl);
      return [accuracy(probe.accuracy), recovered(probe), control, distance];
    },
  };
}

/** What changed against the target on every probe. */
function changeView({ file }: SweepDocument): View {
  const against = `against ${file.target.label}`;
  const id = file.probes.filter(({ kind }) => kind === 'id');
  const ood = file.probes.filter(({ kind }) => kind === 'ood');
  const cell = (probe: TrialProbe | undefined): string =>
    probe?.versusTarget ? change(probe.versusTarget) : MISSING;
  return {
    columns: [
      NAME,
      ...ood.map(({ name }) => right(`${name} ${against}`, 'points, p')),
      ...id.flatMap(({ name }) => [right(name, 'right, %'), right(`${name} ${against}`, 'points, p')]),
    ],
    showsAll: false,
    cells: ({ probes }) => {
      const find = (name: string): TrialProbe | undefined => probes.find(({ probe }) => probe === name);
      return [
        ...ood.map(({ name }) => cell(find(name))),
        ...id.flatMap(({ name }) => {
          const probe = find(name);
          return [probe ? accuracy(probe.accuracy) : MISSING, cell(probe)];
        }),
      ];
    },
  };
}

/** By what came back on the first OOD probe, else by accuracy; trials without answers last. */
function order(a: TrialResult, b: TrialResult): number {
  const rank = ({ probes }: TrialResult): number => {
    const probe = probes.find(({ kind }) => kind === 'ood') ?? probes[0];
    return probe?.accuracy.value ?? -1;
  };
  return rank(b) - rank(a);
}

interface Section {
  readonly title: string;
  readonly kind: TrialResult['trial']['kind'];
  /** Whether it is for those that successive halving gave up: their answers are of other problems than the rest. */
  readonly dropped?: true;
}

const SECTIONS: readonly Section[] = [
  { kind: 'model', title: 'Models' },
  { kind: 'repair', title: 'Repairs, most OOD accuracy first' },
  { kind: 'control', title: 'Controls: what chance, the length of the step and plain roll-back give' },
  {
    kind: 'repair',
    title: 'Dropped repairs, on problems of the selection half: not for comparison',
    dropped: true,
  },
];

/** Of the dropped ones those that were asked at all. */
const isIn = (section: Section, { trial, state, probes }: TrialResult): boolean =>
  trial.kind === section.kind &&
  (state === 'dropped') === (section.dropped === true) &&
  (section.dropped !== true || probes.length > 0);

/** Controls of every repair. */
const OF_ALL: ReadonlySet<string> = new Set(['full-roll-back', 'embeddings']);

/** Repairs by number, so that a control can name its repair in few words. */
function namesOf(sorted: readonly TrialResult[]): (result: TrialResult) => string {
  const repairs = sorted.filter(({ trial }) => trial.kind === 'repair').map(({ trial }) => trial);
  const numbers = new Map(repairs.map(({ id }, i) => [id, `no. ${String(i + 1)}`]));
  return ({ trial }) => {
    if (trial.kind === 'repair') return `${numbers.get(trial.id)?.slice(4) ?? ''} ${trial.label}`;
    const own = trial.controlOf.flatMap((id) => numbers.get(id) ?? []);
    if (own.length === 0 || OF_ALL.has(trial.family)) return trial.label;
    const repair = repairs.find(({ id }) => id === trial.controlOf[0]);
    const [way, matched] = trial.label.split(`: ${repair?.label ?? ''}`);
    return matched === undefined
      ? `${trial.label}, for ${own.join(', ')}`
      : `${way ?? ''} ${own[0] ?? ''}${matched}`;
  };
}

/**
 * Trials of a sweep, repairs and controls apart, each sorted by what came back: a table for each OOD probe, and one of what changed
 * against the target.
 */
export function sweepTables(document: SweepDocument): Table[] {
  const { results, file } = document;
  const sections = SECTIONS.map((section) => {
    const own = results.filter((result) => isIn(section, result));
    return { ...section, results: section.kind === 'model' ? own : own.toSorted(order) };
  });
  const name = namesOf(sections.flatMap((section) => section.results));
  const ood = file.probes.filter(({ kind }) => kind === 'ood').map((probe) => recoveryView(probe.name));
  return [...ood, changeView(document)].map(({ columns, cells, showsAll }) => ({
    columns,
    lines: sections.flatMap(({ title, kind, results: own }): TableLine[] => {
      const shown = own.filter(({ probes }) => showsAll || probes.length > 0);
      const lines = shown.map((result): TableLine => {
        const line = { cells: [name(result), ...cells(result)] };
        return kind === 'control' ? { ...line, emphasis: 'faint' } : line;
      });
      return lines.length > 0 ? [{ cells: [title], emphasis: 'strong', section: true }, ...lines] : [];
    }),
  }));
}

import type { ProbeChoice } from '../../src-main/contract/probe.ts';
import type { LabView } from '../../src-main/contract/sweep.ts';

/** A probe of the form. */
export class ProbeRow {
  readonly path: string;
  /** Null for a file that the engine has not looked into. */
  readonly problems: number | null;
  name = $state('');
  kind = $state<ProbeChoice['kind']>('ood');
  limit = $state<number | null>(null);
  isChosen = $state(true);

  constructor(probe: Pick<ProbeChoice, 'path' | 'name' | 'kind'>, problems: number | null) {
    this.path = probe.path;
    this.problems = problems;
    this.name = probe.name;
    this.kind = probe.kind;
  }
}

const fileName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;
const isAbsolute = (path: string): boolean => path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);

/** The probes of a sweep: those that the study knows, and files that were named. */
export class ProbesDraft {
  rows = $state.raw<readonly ProbeRow[]>([]);
  /** The path of a file as it is typed. */
  typed = $state('');
  /** What became of the last path. */
  said = $state('');

  readonly error: string | null = $derived.by(() => {
    const chosen = this.rows.filter(({ isChosen }) => isChosen);
    if (chosen.length === 0) return 'choose at least one probe';
    const names = chosen.map(({ name }) => name);
    if (names.some((name, i) => names.indexOf(name) < i)) return 'two probes have the same name';
    if (!chosen.some(({ kind }) => kind === 'ood'))
      return 'one of them must be out of distribution: recovery is of what was lost there';
    return names.every((name) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name))
      ? null
      : 'a name has letters, digits or . _ -';
  });

  readonly choices: ProbeChoice[] = $derived.by(() =>
    this.rows
      .filter(({ isChosen }) => isChosen)
      .map(({ name, kind, path, limit }) => ({ name, kind, path, limit })),
  );

  constructor(known: LabView['probes']) {
    this.rows = known.map((probe) => new ProbeRow(probe, probe.problems));
  }

  /** Takes a JSONL file by its path; the engine says at once whether it is a probe, with the plan. */
  add(path: string): void {
    const trimmed = path.trim();
    if (trimmed === '') return;
    if (!isAbsolute(trimmed)) {
      this.said = 'A browser does not tell where a file lies: type its absolute path.';
      return;
    }
    if (this.rows.some((row) => row.path === trimmed)) {
      this.said = `${fileName(trimmed)} is there already.`;
      return;
    }
    const base = fileName(trimmed)
      .replace(/\.jsonl$/i, '')
      .replace(/[^A-Za-z0-9._-]+/g, '-');
    const kind = /(^|[^a-z])id([^a-z]|$)/i.test(base) ? 'id' : 'ood';
    this.rows = [...this.rows, new ProbeRow({ path: trimmed, name: base || 'probe', kind }, null)];
    this.said = `${fileName(trimmed)} added.`;
    this.typed = '';
  }
}

import type { ClaimEvidence } from '../contract/claim.ts';
import type { Role, Row } from '../contract/rows.ts';
import type { Variant } from '../contract/study.ts';

/** A row that has a number. */
export type NumberRow = Row & { readonly value: number };

type ClaimVariant = Pick<Variant, 'label' | 'role' | 'path' | 'from' | 'run' | 'step'>;

const ROLE_WORDS: Readonly<Record<Role, string>> = { rl: 'RL', sft: 'SFT', other: 'other' };

function hasNumber(row: Row): row is NumberRow {
  return typeof row.value === 'number' && Number.isFinite(row.value);
}

/** The baseline of a row where it is a number. */
export function baselineOf(row: Row): number | null {
  return typeof row.baseline === 'number' && Number.isFinite(row.baseline) ? row.baseline : null;
}

/** Label of the other variant of a row of a pair. */
export function partnerOf(row: Row): string | null {
  const partner = row.parameters['with'];
  return typeof partner === 'string' ? partner : null;
}

/** A row as evidence. */
export function evidence(row: Row, note = ''): ClaimEvidence {
  const { variant, role, reference, measure, level, module, value, unit, baseline } = row;
  return {
    variant,
    role,
    reference,
    partner: partnerOf(row),
    measure,
    level,
    module,
    value,
    unit,
    baseline,
    note,
  };
}

/** The rows of a study as claims ask for them. */
export class ClaimRows {
  readonly variants: readonly ClaimVariant[];
  readonly #rows: ReadonlyMap<string, readonly Row[]>;

  constructor(rows: readonly Row[], variants: readonly ClaimVariant[]) {
    this.variants = variants;
    this.#rows = Map.groupBy(rows, ({ measure, variant, level }) => key(measure, variant, level));
  }

  /** The last checkpoint of each run of a role: earlier ones of the same run are not further evidence. */
  ends(role: Role): readonly ClaimVariant[] {
    const ofRole = this.variants.filter((variant) => variant.role === role);
    const runs = Map.groupBy(ofRole, ({ run, from, label }) => `${run ?? label}\0${from}`);
    return [...runs.values()].flatMap((run) =>
      run.filter(({ step }) => (step ?? 0) === Math.max(...run.map((other) => other.step ?? 0))),
    );
  }

  /** Of one measure over the whole model. */
  overall(measure: string, variant: string): NumberRow | null {
    return (
      (this.#of(measure, variant, 'overall').find((row) => partnerOf(row) === null && hasNumber(row)) as
        NumberRow | undefined) ?? null
    );
  }

  /** Of one measure over the whole model, for the last checkpoints of a role; or why there is none. */
  perRun(measure: string, role: Role): readonly NumberRow[] | string {
    const ends = this.ends(role);
    if (ends.length === 0) return `this study has no ${ROLE_WORDS[role]} variant`;
    const found = ends.flatMap(({ label }) => this.overall(measure, label) ?? []);
    return found.length > 0 ? found : this.#missing(measure, ends);
  }

  /** Of one measure, tensor by tensor; for a measure of pairs, with one partner. */
  tensors(measure: string, variant: string, partner: string | null = null): readonly NumberRow[] {
    return this.#of(measure, variant, 'tensor').filter(
      (row): row is NumberRow => hasNumber(row) && partnerOf(row) === partner,
    );
  }

  modules(measure: string, variant: string): readonly NumberRow[] {
    return this.#of(measure, variant, 'module').filter(hasNumber);
  }

  /** Of a measure of pairs over the whole model, between the last checkpoints of two roles; or why there is none. */
  pairs(measure: string, one: Role, other: Role): readonly NumberRow[] | string {
    const labels = (role: Role): ReadonlySet<string> => new Set(this.ends(role).map(({ label }) => label));
    const [a, b] = [labels(one), labels(other)];
    const all = this.variants.flatMap(({ label }) => this.#of(measure, label, 'overall'));
    const found = all.filter((row): row is NumberRow => {
      const partner = partnerOf(row) ?? '';
      const joins = (a.has(row.variant) && b.has(partner)) || (b.has(row.variant) && a.has(partner));
      return joins && hasNumber(row);
    });
    if (found.length > 0) return found;
    if (all.length > 0)
      return `no two runs (${ROLE_WORDS[one]}, ${ROLE_WORDS[other]}) start from the same weights`;
    return `no result of ${measure} is stored: run the study, or it needs two runs from the same weights`;
  }

  #of(measure: string, variant: string, level: Row['level']): readonly Row[] {
    return this.#rows.get(key(measure, variant, level)) ?? [];
  }

  #missing(measure: string, ends: readonly ClaimVariant[]): string {
    const reasons = ends.flatMap(({ label }) =>
      this.#of(measure, label, 'overall').map(({ reason }) => reason),
    );
    const reason = reasons.find((text) => text !== null);
    return reason ? `${measure} has no value: ${reason}` : `no result of ${measure} is stored`;
  }
}

function key(measure: string, variant: string, level: Row['level']): string {
  return `${measure}\0${variant}\0${level}`;
}

import type { MeasureInfo } from '../contract/measure.ts';
import { ROLES, type Role, type Row } from '../contract/rows.ts';
import type { Variant } from '../contract/study.ts';
import type { TableColumn } from './table.ts';
import { wrapText } from './wrapText.ts';

/** A variant as a column of a table. */
export interface ResultColumn {
  readonly label: string;
  readonly role: Role;
  /** What it is compared with: "base" or another label. */
  readonly reference: string;
}

/** What a table shows: rows of one level, the measures to list, and the variants side by side. */
export interface ResultView {
  readonly rows: readonly Row[];
  readonly measures: readonly MeasureInfo[];
  readonly columns: readonly ResultColumn[];
}

const ROLE_TITLES: Readonly<Record<Role, string>> = { sft: 'SFT', rl: 'RL', other: 'OTHER' };

/** Variants as columns: SFT, then RL, then others, each group in the order of the study. */
export function resultColumns(variants: readonly Variant[]): ResultColumn[] {
  return ROLES.flatMap((role) =>
    variants
      .filter((variant) => variant.role === role)
      .map((variant) => ({ label: variant.label, role, reference: variant.from })),
  );
}

const HEADER_WIDTH = 12;

/** Headers of a width that leaves room for several: role, label, and what the variant is compared with. */
export function variantHeaders(columns: readonly ResultColumn[]): TableColumn[] {
  const labels = columns.map(({ label }) => wrapText(label, HEADER_WIDTH));
  const references = columns.map(({ reference }) => wrapText(`from ${reference}`, HEADER_WIDTH));
  const padded = (lines: readonly string[], all: readonly (readonly string[])[]): string[] => [
    ...lines,
    ...Array<string>(Math.max(...all.map(({ length }) => length)) - lines.length).fill(''),
  ];
  return columns.map(({ role }, i) => ({
    header: [
      ROLE_TITLES[role],
      ...padded(labels[i] ?? [], labels),
      ...padded(references[i] ?? [], references),
    ],
    align: 'right',
  }));
}

/** The last checkpoint of every run, and variants that belong to none: a trajectory without its stations. */
export function endpoints(variants: readonly Variant[]): Variant[] {
  return variants.filter(
    ({ run, step }) =>
      run === null || !variants.some((other) => other.run === run && (other.step ?? 0) > (step ?? 0)),
  );
}

/**
 * Columns in several tables, each with its part of every role, so that SFT and RL stay beside each other; where a role has fewer
 * variants than there are tables, its last one is repeated.
 */
export function splitByRole(columns: readonly ResultColumn[], tables: number): ResultColumn[][] {
  const groups = ROLES.map((role) => columns.filter((column) => column.role === role));
  return Array.from({ length: tables }, (_, index) =>
    groups.flatMap((group) => {
      const [start, end] = [index, index + 1].map((edge) => Math.ceil((group.length * edge) / tables)) as [
        number,
        number,
      ];
      return start < end || group[0]?.role === 'other'
        ? group.slice(start, end)
        : group.slice(Math.max(0, end - 1), end);
    }),
  );
}

/** A measure of two variants appears once per partner; null for the others. */
export function partnersOf(measure: MeasureInfo, rows: readonly Row[]): (string | null)[] {
  if (measure.arity === 'variant') return [null];
  return [...new Set(rows.filter((row) => row.measure === measure.id).map(partnerOf))];
}

export function partnerOf(row: Row): string | null {
  const partner = row.parameters['with'];
  return typeof partner === 'string' ? partner : null;
}

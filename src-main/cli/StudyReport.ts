import type { MeasureInfo } from '../contract/measure.ts';
import type { Row } from '../contract/rows.ts';
import { type BreakdownLevel, breakdownTable } from './breakdownTable.ts';
import { definitions } from './definitions.ts';
import { Footnotes } from './Footnotes.ts';
import { inkFor } from './ink.ts';
import { overviewTable } from './overviewTable.ts';
import { printable } from './printable.ts';
import { type ResultColumn, splitByRole } from './ResultView.ts';
import { fitsWidth, renderTable, type Table } from './table.ts';
import type { Terminal } from './Terminal.ts';
import { wrapText } from './wrapText.ts';

type Results = readonly Row[];
type Measures = readonly MeasureInfo[];

/** Prints the tables of a study as text, one after the other, with the reasons for missing values and the definitions at the end. */
export class StudyReport {
  readonly #terminal: Terminal;
  readonly #notes = new Footnotes();
  readonly #defined = new Map<string, MeasureInfo>();

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  heading(text: string): void {
    const { strong } = inkFor(this.#terminal.colour);
    for (const line of wrapText(printable(text), this.#terminal.columns))
      this.#terminal.out(`${strong(line)}\n`);
  }

  gap(): void {
    this.#terminal.out('\n');
  }

  paragraph(text: string): void {
    for (const line of wrapText(printable(text), this.#terminal.columns)) this.#terminal.out(`${line}\n`);
  }

  /** The whole model, a block of lines per measure; with the middle half over matrices where one table holds everything. */
  overview(rows: Results, measures: Measures, columns: readonly ResultColumn[]): void {
    const overall = rows.filter((row) => row.level === 'overall');
    const table = (shown: readonly ResultColumn[], spread: boolean): Table =>
      overviewTable({ rows: overall, measures, columns: shown }, { notes: this.#notes, spread });
    const whole = table(columns, true);
    if (fitsWidth(whole, this.#terminal.columns)) this.#print([whole]);
    else this.#print(this.#split(columns, (shown) => table(shown, false)));
    this.#define(measures, overall);
  }

  /** A section per measure, over modules, layers or tensors. */
  breakdown(
    rows: Results,
    shown: { measures: Measures; columns: readonly ResultColumn[]; level: BreakdownLevel },
  ): void {
    const { measures, level } = shown;
    const placed = rows.filter((row) => row.level === level);
    this.#print(
      this.#split(shown.columns, (columns) =>
        breakdownTable({ rows: placed, measures, columns }, level, this.#notes),
      ),
    );
    this.#define(measures, placed);
  }

  /** Why values are missing, and unless `brief` what every measure means. */
  end(brief: boolean): void {
    const lines = this.#notes.lines();
    if (lines.length > 0) this.gap();
    for (const line of lines) this.paragraph(line);
    if (brief || this.#defined.size === 0) return;
    this.gap();
    this.heading('Definitions');
    this.#terminal.out(definitions([...this.#defined.values()], this.#terminal.columns));
  }

  /** As few tables as fit the width, each with its part of every role. */
  #split(columns: readonly ResultColumn[], table: (shown: readonly ResultColumn[]) => Table): Table[] {
    for (let tables = 1; tables < columns.length; tables++) {
      const parts = splitByRole(columns, tables).map(table);
      if (parts.every((part) => fitsWidth(part, this.#terminal.columns))) return parts;
    }
    return [table(columns)];
  }

  #print(tables: readonly Table[]): void {
    const { columns: width, colour } = this.#terminal;
    this.#terminal.out(tables.map((table) => renderTable(table, { width, ink: inkFor(colour) })).join('\n'));
  }

  /** Definitions name the parameters that were really used, e.g. a k that was capped by the shapes. */
  #define(measures: Measures, rows: Results): void {
    for (const measure of measures) {
      const used = rows.find((row) => row.measure === measure.id && row.value !== null)?.parameters ?? {};
      const parameters = Object.entries(measure.parameters).map(([name, asked]) => {
        const value = asked === null ? null : (used[name] ?? asked);
        return [name, value === asked ? value : `${String(value)} (asked for: ${String(asked)})`] as const;
      });
      if (!this.#defined.has(measure.id)) {
        this.#defined.set(measure.id, { ...measure, parameters: Object.fromEntries(parameters) });
      }
    }
  }
}

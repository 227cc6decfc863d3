import { type Ink, PLAIN_INK } from './ink.ts';
import { printable } from './printable.ts';
import { wrapText } from './wrapText.ts';

export interface TableColumn {
  /** Header lines, top to bottom; a column may have fewer than the others. */
  readonly header: readonly string[];
  readonly align: 'left' | 'right';
}

export interface TableLine {
  readonly cells: readonly string[];
  readonly emphasis?: 'strong' | 'faint';
  /** The first cell runs across all columns: the title of the lines below. */
  readonly section?: boolean;
}

export interface Table {
  readonly columns: readonly TableColumn[];
  readonly lines: readonly TableLine[];
  /** Leading columns that say what a line is; repeated when the table is split. 1 by default. */
  readonly keys?: number;
}

interface Layout {
  readonly width: number;
  readonly ink?: Ink;
}

const GAP = '  ';
/** A first column is wrapped down to this width before the table is split. */
const COMFORTABLE_KEY_WIDTH = 30;
/** A first column narrower than this is unreadable: then lines may be longer than asked. */
const MIN_KEY_WIDTH = 16;

/**
 * A table as text. Columns that do not fit the width are continued in further tables below, with the key columns repeated; a first
 * column that is too wide is wrapped. Nothing is cut. Ends in a line break; empty without columns.
 */
export function renderTable(table: Table, { width, ink = PLAIN_INK }: Layout): string {
  const clean = printableTable(table);
  const keys = table.keys ?? 1;
  const widths = fitKeyColumn(naturalWidths(clean), keys, width);
  return splitColumns(widths, keys, width)
    .map((part) => renderPart(clean, part, { widths, ink, width }))
    .join('\n');
}

/** Whether all columns fit beside each other, the first one wrapped where need be. */
export function fitsWidth(table: Table, width: number): boolean {
  const [first = 0, ...others] = naturalWidths(printableTable(table));
  return Math.min(first, COMFORTABLE_KEY_WIDTH) <= roomBeside(others, width);
}

function printableTable(table: Table): Table {
  return {
    ...table,
    columns: table.columns.map((column) => ({ ...column, header: column.header.map(printable) })),
    lines: table.lines.map((line) => ({ ...line, cells: line.cells.map(printable) })),
  };
}

function roomBeside(others: readonly number[], width: number): number {
  return others.reduce((room, w) => room - GAP.length - w, width);
}

function naturalWidths(table: Table): number[] {
  return table.columns.map((column, index) =>
    table.lines.reduce(
      (width, { cells, section }) => (section ? width : Math.max(width, (cells[index] ?? '').length)),
      Math.max(0, ...column.header.map((line) => line.length)),
    ),
  );
}

/** Narrows the first column so that all columns fit beside it; where they cannot, so that the other keys and the widest value do. */
function fitKeyColumn(widths: number[], keys: number, width: number): number[] {
  const [first = 0, ...others] = widths;
  const roomForAll = roomBeside(others, width);
  if (roomForAll >= Math.min(first, COMFORTABLE_KEY_WIDTH)) return [Math.min(first, roomForAll), ...others];
  const values = others.slice(keys - 1);
  const besides = [...others.slice(0, keys - 1), ...(values.length > 0 ? [Math.max(...values)] : [])];
  return [Math.min(first, Math.max(roomBeside(besides, width), MIN_KEY_WIDTH)), ...others];
}

/** Which columns stand in which table. */
function splitColumns(widths: readonly number[], keys: number, width: number): number[][] {
  const keyColumns = widths.slice(0, keys).map((_, index) => index);
  const keyWidth = keyColumns.reduce((sum, index) => sum + (widths[index] ?? 0) + GAP.length, -GAP.length);
  const parts: number[][] = [];
  let part: number[] = [];
  let used = keyWidth;
  for (let index = keys; index < widths.length; index++) {
    const needed = GAP.length + (widths[index] ?? 0);
    if (part.length > 0 && used + needed > width) {
      parts.push([...keyColumns, ...part]);
      part = [];
      used = keyWidth;
    }
    part.push(index);
    used += needed;
  }
  if (part.length > 0 || parts.length === 0) parts.push([...keyColumns, ...part]);
  return parts;
}

function renderPart(
  table: Table,
  part: readonly number[],
  style: { widths: readonly number[]; ink: Ink; width: number },
): string {
  const { widths, ink, width: across } = style;
  const columns = part.map((index) => ({
    index,
    width: widths[index] ?? 0,
    align: table.columns[index]?.align ?? 'left',
    header: table.columns[index]?.header ?? [],
  }));
  const write = (texts: readonly string[]): string =>
    columns
      .map(({ width, align }, i) => pad(texts[i] ?? '', width, align))
      .join(GAP)
      .trimEnd();
  const headerLines = Math.max(...columns.map(({ header }) => header.length));
  const output: string[] = [];
  for (let line = 0; line < headerLines; line++) {
    output.push(
      ink.strong(write(columns.map(({ header }) => header[header.length - headerLines + line] ?? ''))),
    );
  }
  if (headerLines > 0) output.push(columns.map(({ width }) => '─'.repeat(width)).join(GAP));
  for (const line of table.lines) {
    const paint = line.emphasis === undefined ? PLAIN_INK.faint : ink[line.emphasis];
    if (line.section) output.push(...wrapText(line.cells[0] ?? '', across, GAP).map(paint));
    else for (const texts of wrapLine(line, columns)) output.push(paint(write(texts)));
  }
  return `${output.join('\n')}\n`;
}

/** The texts of one line, and of the lines below it that a wrapped first column needs. */
function wrapLine(line: TableLine, columns: readonly { index: number; width: number }[]): string[][] {
  const texts = columns.map(({ index }) => line.cells[index] ?? '');
  const [key = '', ...values] = texts;
  const indent = `${/^ */.exec(key)?.[0] ?? ''}  `;
  const [first = '', ...below] = wrapText(key, Math.max(1, columns[0]?.width ?? 1), indent);
  return [[first, ...values], ...below.map((text) => [text])];
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  return align === 'left' ? text.padEnd(width) : text.padStart(width);
}

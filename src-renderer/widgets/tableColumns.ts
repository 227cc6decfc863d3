/** A column of a table of many rows. */
export interface TableColumn<Item> {
  readonly id: string;
  readonly title: string;
  /** What the column says, for the pointer; the title when it is left out. */
  readonly hint?: string;
  readonly align: 'start' | 'end';
  /** Least width in rem; space that is left over goes to columns by their share. */
  readonly width: number;
  readonly grow?: number;
  readonly text: (item: Item) => string;
  /** What the column is sorted by, null last; a column without it cannot be sorted. */
  readonly rank?: (item: Item) => number | string | null;
}

/** A sorted column and its direction. */
export interface TableOrder {
  readonly column: string;
  readonly descending: boolean;
}

function compared(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

/** Items in the order of a column, ties as they were; NaN and null last in both directions. */
export function sortedItems<Item>(
  items: readonly Item[],
  columns: readonly TableColumn<Item>[],
  order: TableOrder | null,
): readonly Item[] {
  const rank = columns.find(({ id }) => id === order?.column)?.rank;
  if (!rank || !order) return items;
  const sign = order.descending ? -1 : 1;
  const ranked = items.map((item) => {
    const value = rank(item);
    return { item, value: Number.isNaN(value) ? null : value };
  });
  ranked.sort((a, b) => {
    if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
    return sign * compared(a.value, b.value);
  });
  return ranked.map(({ item }) => item);
}

/** The order after a press on a column's title: numbers first from large to small, names from A to Z, then reversed, then as given. */
export function nextOrder(
  order: TableOrder | null,
  { id, align }: Pick<TableColumn<never>, 'id' | 'align'>,
): TableOrder | null {
  const first = align === 'end';
  if (order?.column !== id) return { column: id, descending: first };
  return order.descending === first ? { column: id, descending: !first } : null;
}

/** CSS grid tracks of a row. */
export function tableTracks(columns: readonly Pick<TableColumn<never>, 'width' | 'grow'>[]): string {
  return columns
    .map(({ width, grow }) => `minmax(${String(width)}rem, ${String(grow ?? 0.001)}fr)`)
    .join(' ');
}

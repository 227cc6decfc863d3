import { expect, test } from 'vitest';
import {
  nextOrder,
  sortedItems,
  tableTracks,
  type TableColumn,
} from '../../src-renderer/widgets/tableColumns.ts';

interface Pair {
  name: string;
  size: number | null;
}

const columns: TableColumn<Pair>[] = [
  {
    id: 'name',
    title: 'Name',
    align: 'start',
    width: 8,
    grow: 1,
    text: ({ name }) => name,
    rank: ({ name }) => name,
  },
  {
    id: 'size',
    title: 'Size',
    align: 'end',
    width: 4,
    text: ({ size }) => String(size),
    rank: ({ size }) => size,
  },
  { id: 'note', title: 'Note', align: 'start', width: 4, text: () => 'a\tb\nc' },
];
const items: Pair[] = [
  { name: 'layer 10', size: 3 },
  { name: 'layer 2', size: null },
  { name: 'layer 9', size: NaN },
  { name: 'layer 1', size: 7 },
];
const names = (sorted: readonly Pair[]): string[] => sorted.map(({ name }) => name);

test('numbers in names count as numbers, and the given order stays without a column', () => {
  expect(names(sortedItems(items, columns, { column: 'name', descending: false }))).toEqual([
    'layer 1',
    'layer 2',
    'layer 9',
    'layer 10',
  ]);
  expect(sortedItems(items, columns, null)).toBe(items);
  expect(sortedItems(items, columns, { column: 'note', descending: false })).toBe(items);
});

test('what has no number is last in both directions, in the given order', () => {
  const sizes = (descending: boolean): string[] =>
    names(sortedItems(items, columns, { column: 'size', descending }));
  expect(sizes(true)).toEqual(['layer 1', 'layer 10', 'layer 2', 'layer 9']);
  expect(sizes(false)).toEqual(['layer 10', 'layer 1', 'layer 2', 'layer 9']);
});

test('a column goes through both directions and back to the given order', () => {
  const size = { id: 'size', align: 'end' } as const;
  const first = nextOrder({ column: 'name', descending: false }, size);
  expect(first).toEqual({ column: 'size', descending: true });
  const second = nextOrder(first, size);
  expect(second).toEqual({ column: 'size', descending: false });
  expect(nextOrder(second, size)).toBeNull();
});

test('tracks have a least width', () => {
  expect(tableTracks(columns.slice(0, 2))).toBe('minmax(8rem, 1fr) minmax(4rem, 0.001fr)');
});

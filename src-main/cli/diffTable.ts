import { formatCount, formatValue } from '../contract/format.ts';
import type { DiffDocument, DiffTensor } from './documents.ts';
import type { Table, TableLine } from './table.ts';

const HEADERS = [
  ['module'],
  ['tensors'],
  ['different'],
  ['equal', 'as stored'],
  ['equal', 'as bf16'],
  ['NaN or', 'infinite'],
  ['largest', 'difference'],
];

/** One line per module, and one for all: how many tensors differ, and which share of the values is equal. */
export function diffTable(tensors: readonly DiffTensor[]): Table {
  const modules = Map.groupBy(tensors, ({ module }) => module);
  return {
    columns: HEADERS.map((header, index) => ({ header, align: index === 0 ? 'left' : 'right' })),
    lines: [
      ...[...modules].map(([module, found]) => line(module, found)),
      { ...line('all', tensors), emphasis: 'strong' },
    ],
  };
}

function line(name: string, tensors: readonly DiffTensor[]): TableLine {
  const counted = tensors.filter(({ elements }) => elements !== null);
  const sum = (of: (tensor: DiffTensor) => number | null): number =>
    counted.reduce((total, tensor) => total + (of(tensor) ?? 0), 0);
  const elements = sum((tensor) => tensor.elements);
  const share = (equal: number): string => (elements === 0 ? 'n/a' : formatValue(equal / elements, 'share'));
  const largest = counted.map(({ maxAbsDifference }) => Number(maxAbsDifference ?? 0));
  return {
    cells: [
      name,
      formatCount(tensors.length),
      formatCount(tensors.filter(({ status }) => status !== 'same').length),
      share(sum((tensor) => tensor.equalStored)),
      share(sum((tensor) => tensor.equalBf16)),
      formatCount(sum((tensor) => tensor.invalid)),
      counted.length === 0 ? 'n/a' : formatValue(Math.max(...largest), 'weight'),
    ],
  };
}

/** One sentence: "Different: 55 of 56 tensors." */
export function diffSummary({ same, tensors }: DiffDocument): string {
  const different = tensors.filter(({ status }) => status !== 'same').length;
  const types = tensors.some(({ status, dtype }) => status === 'same' && dtype.includes(' vs '));
  const total = formatCount(tensors.length);
  if (!same) return `Different: ${formatCount(different)} of ${total} tensors.`;
  return `Same: all values of ${total} tensors are equal${types ? ', though some are stored in another type' : ''}.`;
}

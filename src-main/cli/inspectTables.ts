import type { TensorInfo, TensorRole } from '../contract/checkpoint.ts';
import { formatCount } from '../contract/format.ts';
import { formatBytes } from '../contract/units.ts';
import type { Table, TableColumn } from './table.ts';

const left = (name: string): TableColumn => ({ header: [name], align: 'left' });
const right = (name: string): TableColumn => ({ header: [name], align: 'right' });

/** Shapes named per module; further ones are counted. */
const SHAPES_SHOWN = 3;

export function elementsOf({ shape }: TensorInfo): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** One line per module: how many tensors, their shapes and types, parameters and bytes; a last line with the sums. */
export function moduleTable(tensors: readonly TensorInfo[], roles: readonly TensorRole[]): Table {
  const modules = new Map(
    roles.map(({ tensor, module, parameter }) => [tensor, [module, parameter]] as const),
  );
  const groups = Map.groupBy(tensors, ({ name }) => {
    const [module = name, parameter = 'weight'] = modules.get(name) ?? [];
    return parameter === 'weight' ? module : `${module}.${parameter}`;
  });
  const line = (name: string, found: readonly TensorInfo[], shapes: string): string[] => [
    name,
    formatCount(found.length),
    shapes,
    [...new Set(found.map(({ dtype }) => dtype))].join(', '),
    formatCount(found.reduce((sum, tensor) => sum + elementsOf(tensor), 0)),
    formatBytes(found.reduce((sum, { bytes }) => sum + bytes, 0)),
  ];
  return {
    columns: [
      left('module'),
      right('tensors'),
      left('shapes'),
      left('type'),
      right('parameters'),
      right('size'),
    ],
    lines: [
      ...[...groups].map(([module, found]) => ({ cells: line(module, found, shapesOf(found)) })),
      { cells: line('all', tensors, ''), emphasis: 'strong' },
    ],
  };
}

function shapesOf(tensors: readonly TensorInfo[]): string {
  const shapes = [...new Set(tensors.map(({ shape }) => `[${shape.join(', ')}]`))];
  const more = shapes.length - SHAPES_SHOWN;
  return shapes.slice(0, SHAPES_SHOWN).join(' ') + (more > 0 ? ` and ${formatCount(more)} more` : '');
}

export function tensorTable(tensors: readonly TensorInfo[]): Table {
  return {
    columns: [left('tensor'), left('shape'), left('type'), right('parameters'), right('size')],
    lines: tensors.map((tensor) => ({
      cells: [
        tensor.name,
        `[${tensor.shape.join(', ')}]`,
        tensor.dtype,
        formatCount(elementsOf(tensor)),
        formatBytes(tensor.bytes),
      ],
    })),
  };
}

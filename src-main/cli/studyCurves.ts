import type { Command } from 'commander';
import { resolve } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import { formatCount, formatValue } from '../contract/format.ts';
import type { Curve } from '../contract/rows.ts';
import { Study } from '../study/Study.ts';
import { selectedVariants } from './rowsQuery.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { list } from './optionValues.ts';
import type { Session } from './Session.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './Terminal.ts';
import { writeJson } from './writeJson.ts';

interface CurvesOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly variant?: readonly string[];
}

/** `study curves STUDY TENSOR`: spectra, angle curves, row and column profiles and step histograms of one tensor. */
export function studyCurvesCommand(study: Command, { terminal }: Session): void {
  withOutputOptions(study.command('curves'))
    .argument('<study>', 'the study folder, or its study.json')
    .argument('<tensor>', 'name of a tensor, as `study rows --level tensor` prints it')
    .description('print spectra, angle curves, profiles and step histograms of one tensor')
    .option('--variant <labels>', 'only these variants', list)
    .option('--csv', 'print every value as CSV')
    .addHelpText(
      'after',
      examples([
        'study curves ./base.polarimeter model.layers.0.self_attn.q_proj.weight',
        'study curves ./base.polarimeter model.layers.0.self_attn.q_proj.weight --variant rl --csv',
      ]),
    )
    .action((path: string, tensor: string, options: CurvesOptions) => {
      if (options.json && options.csv) throw new PolarimeterError('usage', 'choose one of --json and --csv');
      using opened = Study.open(resolve(terminal.folder, path));
      const variants = selectedVariants(opened, options);
      const curves = opened.curves(tensor).filter(({ variant }) => variants.includes(variant));
      if (options.json)
        writeJson(terminal, { schema: 'polarimeter.curves/1', study: opened.file.name, tensor, curves });
      else if (options.csv) writeCsv(terminal, curves);
      else terminal.out(`${curvesTable(curves, terminal.columns)}\n`);
    });
}

function writeCsv(terminal: Terminal, curves: readonly Curve[]): void {
  terminal.out('variant,reference,tensor,curve,unit,head_size,index,value\n');
  for (const { variant, reference, tensor, name, unit, headSize, values } of curves) {
    const about = [variant, reference, tensor, name, unit, String(headSize ?? '')].join(',');
    for (const [index, value] of values.entries())
      terminal.out(`${about},${String(index)},${String(value)}\n`);
  }
}

/** One line per curve: how many values it has, and which ends. */
function curvesTable(curves: readonly Curve[], width: number): string {
  const headers = ['variant', 'curve', 'unit', 'values', 'smallest', 'largest', 'per head'];
  const lines = curves.map(({ variant, name, unit, values, headSize }) => {
    const numbers = values.filter((value) => typeof value === 'number');
    const ends =
      numbers.length === 0
        ? ['n/a', 'n/a']
        : [Math.min, Math.max].map((end) =>
            formatValue(
              numbers.reduce((a, b) => end(a, b)),
              unit,
            ),
          );
    return [
      variant,
      name,
      unit,
      formatCount(values.length),
      ...ends,
      headSize === null ? '' : String(headSize),
    ];
  });
  return renderTable(
    {
      keys: 2,
      columns: headers.map((name, i) => ({ header: [name], align: i < 3 ? 'left' : 'right' })),
      lines: lines.map((cells) => ({ cells })),
    },
    { width },
  );
}

import type { Command } from 'commander';
import { resolve } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import { Study } from '../study/Study.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import {
  perOf,
  type SelectionOptions,
  selectedMeasures,
  selectedPart,
  selectedVariants,
  withSelectionOptions,
} from './rowsQuery.ts';
import type { Session } from './Session.ts';
import { writeRowsJson } from './writeJson.ts';
import { writeRowsCsv } from './writeRowsCsv.ts';

interface RowsOptions extends SelectionOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** `study rows STUDY`: every stored row, of every level and measure, for other programs. */
export function studyRowsCommand(study: Command, { terminal }: Session): void {
  withOutputOptions(withSelectionOptions(study.command('rows')))
    .argument('<study>', 'the study folder, or its study.json')
    .description('print stored rows for other programs: all of them as JSON, unless options select')
    .option('--csv', 'print CSV')
    .addHelpText(
      'after',
      examples([
        'study rows ./base.polarimeter > rows.json',
        'study rows ./base.polarimeter --level tensor --csv',
        'study rows ./base.polarimeter --level overall --layers 0-3 --modules q_proj,k_proj',
      ]),
    )
    .action((path: string, options: RowsOptions) => {
      if (options.json && options.csv) throw new PolarimeterError('usage', 'choose one of --json and --csv');
      using opened = Study.open(resolve(terminal.folder, path));
      const rows = opened.rows({
        measure: selectedMeasures(opened, options, opened.measures()).map(({ id }) => id),
        level: options.level === undefined ? [] : [options.level],
        variant: [...selectedVariants(opened, options)],
        per: perOf(options),
        ...selectedPart(options),
      });
      if (options.csv) writeRowsCsv(terminal, rows);
      else writeRowsJson(terminal, { schema: 'polarimeter.rows/1', study: opened.file.name, rows });
    });
}

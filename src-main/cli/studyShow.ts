import type { Command } from 'commander';
import { resolve } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import type { MeasureInfo } from '../contract/measure.ts';
import { normMatchedInfo } from '../contract/normMatched.ts';
import type { Row } from '../contract/rows.ts';
import { Study } from '../study/Study.ts';
import { mentionInterruption } from './mentionInterruption.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { printCoverage } from './printStudy.ts';
import { resultColumns } from './ResultView.ts';
import {
  type Level,
  perOf,
  type SelectionOptions,
  selectedMeasures,
  selectedVariants,
  withSelectionOptions,
} from './rowsQuery.ts';
import type { Session } from './Session.ts';
import { StudyReport } from './StudyReport.ts';
import type { Terminal } from './Terminal.ts';
import { writeRowsJson } from './writeJson.ts';
import { writeRowsCsv } from './writeRowsCsv.ts';

interface ShowOptions extends SelectionOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly brief?: boolean;
}

/** `study show STUDY`: stored results as a table, or the same rows as JSON or CSV. Computes nothing. */
export function studyShowCommand(study: Command, { terminal }: Session): void {
  withOutputOptions(withSelectionOptions(study.command('show')))
    .argument('<study>', 'the study folder, or its study.json')
    .description('show stored results as a table: the whole model, or by module, layer or tensor')
    .option('--csv', 'print CSV instead of a table')
    .option('--brief', 'leave out the definitions below the table')
    .addHelpText(
      'after',
      examples([
        'study show ./base.polarimeter',
        'study show ./base.polarimeter --level module --measures angles,energy',
        'study show ./base.polarimeter --level tensor --variant rl --csv > tensors.csv',
      ]),
    )
    .action((path: string, options: ShowOptions) => {
      if (options.json && options.csv) throw new PolarimeterError('usage', 'choose one of --json and --csv');
      using opened = Study.open(resolve(terminal.folder, path));
      mentionInterruption(terminal, opened.folder);
      show(terminal, opened, options);
    });
}

function show(terminal: Terminal, study: Study, options: ShowOptions): void {
  const { level = 'overall' } = options;
  const headline = study.measures().filter((measure) => measure.headline);
  const measures = selectedMeasures(study, options, headline.length > 0 ? headline : study.measures());
  const variants = selectedVariants(study, options);
  const shown = options.perNorm ? measures.map(normMatchedInfo) : measures;
  const ids = measures.map(({ id }) => id);
  const rows = study.rows({ measure: ids, level: [level], variant: [...variants], per: perOf(options) });
  if (options.json) writeRowsJson(terminal, { schema: 'polarimeter.rows/1', study: study.file.name, rows });
  else if (options.csv) writeRowsCsv(terminal, rows);
  else
    printTables(terminal, study, { rows, measures: shown, variants, level, brief: options.brief ?? false });
}

interface Shown {
  readonly rows: readonly Row[];
  readonly measures: readonly MeasureInfo[];
  readonly variants: readonly string[];
  readonly level: Level;
  readonly brief: boolean;
}

function printTables(
  terminal: Terminal,
  study: Study,
  { rows, measures, variants, level, brief }: Shown,
): void {
  const columns = resultColumns(study.file.variants.filter(({ label }) => variants.includes(label)));
  const report = new StudyReport(terminal);
  report.heading(`${study.file.name}: ${level === 'overall' ? 'the whole model' : `by ${level}`}`);
  report.gap();
  if (level === 'overall') report.overview(rows, measures, columns);
  else report.breakdown(rows, { measures, columns, level });
  report.gap();
  printCoverage(report, study, variants);
  report.end(brief);
}

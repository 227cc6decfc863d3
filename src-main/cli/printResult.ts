import type { Study } from '../study/Study.ts';
import { printStudy } from './printStudy.ts';
import { shellWord } from '../contract/shellWord.ts';
import type { Terminal } from './Terminal.ts';
import { wrapText } from './wrapText.ts';
import { writeRowsJson } from './writeJson.ts';

export interface ResultOptions {
  readonly json?: boolean;
  readonly brief?: boolean;
  /** Also the headline measures by module. */
  readonly byModule?: boolean;
}

/** What a run ends with: every row as JSON, or the side-by-side table and where to go from there. */
export function printResult(terminal: Terminal, study: Study, options: ResultOptions): void {
  if (options.json) {
    writeRowsJson(terminal, { schema: 'polarimeter.rows/1', study: study.file.name, rows: study.rows() });
    return;
  }
  printStudy(terminal, study, options);
  if (study.file.notes.length > 0) terminal.out('\nNotes of this study\n');
  for (const note of study.file.notes) {
    for (const line of wrapText(`- ${note}`, terminal.columns, '  ')) terminal.out(`${line}\n`);
  }
  const folder = shellWord(study.folder);
  terminal.out(`
Results lie in ${study.folder}
  by module, layer, tensor   npx polarimeter study show ${folder} --level module
  as JSON or CSV             npx polarimeter study rows ${folder} --csv
  in the workbench           npx polarimeter serve --open ${folder}   (or: npm start)
`);
}

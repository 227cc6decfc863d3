import type { SweepDocument, Trial } from '../contract/sweep.ts';
import { formatCount } from '../contract/format.ts';
import { shellWord } from '../contract/shellWord.ts';
import { inkFor } from './ink.ts';
import { sweepTables } from './sweepTable.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './Terminal.ts';
import { wrapText } from './wrapText.ts';

const LEGEND =
  'Intervals are 95 %: Wilson for accuracies, Tango (score) for differences on the same problems, Fieller for what came back. p is the exact McNemar test on the same problems; of repairs on OOD probes it is corrected by Holm over all of them. What came back is (accuracy - target) / (reference - target). The best control is the one with most right answers; a full roll-back is no control but the ceiling.';

function paragraph(terminal: Terminal, text: string, indent = ''): void {
  for (const line of wrapText(text, terminal.columns, indent)) terminal.out(`${line}\n`);
}

function printConfounds(terminal: Terminal, document: SweepDocument): void {
  const trials = document.results.map(({ trial }) => trial).filter(({ kind }) => kind !== 'model');
  const byText = new Map<string, Trial[]>();
  for (const trial of trials)
    for (const text of trial.confounds) byText.set(text, [...(byText.get(text) ?? []), trial]);
  if (byText.size === 0) return;
  terminal.out('\nConfounds\n');
  for (const [text, of] of byText) {
    const which = of.length > 3 ? `${String(of.length)} trials` : of.map(({ label }) => label).join('; ');
    paragraph(terminal, `- ${text}: ${which}`, '  ');
  }
}

function printEndings(terminal: Terminal, { results }: SweepDocument): void {
  const ended = results.filter(({ reason }) => reason !== null);
  if (ended.length === 0) return;
  terminal.out('\nTrials without an answer, or given up on the way\n');
  const byReason = Map.groupBy(ended, ({ state, reason }) => `${state}, ${reason ?? ''}`);
  for (const [why, of] of byReason)
    paragraph(terminal, `- ${of.map(({ trial }) => trial.label).join('; ')}: ${why}`, '  ');
}

function printRungs(terminal: Terminal, { rungs }: SweepDocument): void {
  if (rungs.length === 0) return;
  terminal.out('\nSuccessive halving on the selection half\n');
  for (const [i, { problems, entered, kept }] of rungs.entries())
    terminal.out(
      `- rung ${String(i + 1)}: ${String(entered.length)} candidates, ${formatCount(problems)} answers each, ${String(kept.length)} kept\n`,
    );
}

/** Everything that a sweep found out: table, what it means, and the answer of the gate. */
export function printSweep(terminal: Terminal, document: SweepDocument): void {
  const { file, evaluator, gate, folder, comparisons } = document;
  terminal.out(
    `${file.name}: ${file.target.label} repaired from ${file.donor.label}, recovery against ${(file.reference ?? file.donor).label}\n`,
  );
  if (evaluator) {
    const { engine, device, weights } = evaluator;
    terminal.out(`Answered by ${engine} on ${device}, weights ${weights}\n`);
  }
  const layout = { width: terminal.columns, ink: inkFor(terminal.colour) };
  for (const table of sweepTables(document)) terminal.out(`\n${renderTable(table, layout)}`);
  terminal.out('\n');
  paragraph(
    terminal,
    `${LEGEND} Here it is over ${String(comparisons)} test${comparisons === 1 ? '' : 's'}.`,
  );
  printRungs(terminal, document);
  printConfounds(terminal, document);
  printEndings(terminal, document);
  terminal.out(`\nDirectional gate (arXiv 2508.16546): ${gate.verdict}\n`);
  for (const sentence of gate.sentences) paragraph(terminal, `- ${sentence}`, '  ');
  terminal.out(`
The sweep lies in ${folder}
  again, or to its end   npx polarimeter sweep ${shellWord(folder)}
  as JSON                npx polarimeter sweep show ${shellWord(folder)} --json
`);
}

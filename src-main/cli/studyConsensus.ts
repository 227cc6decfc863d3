import type { Command } from 'commander';
import { resolve } from 'node:path';
import { consensusReply } from '../api/consensusReply.ts';
import { formatCount, formatValue } from '../contract/format.ts';
import type { Consensus } from '../contract/rows.ts';
import { Study } from '../study/Study.ts';
import { mentionInterruption } from './mentionInterruption.ts';
import { layerRanges, list } from './optionValues.ts';
import { partWords, selectedPart, type SelectionOptions } from './rowsQuery.ts';
import type { Session } from './Session.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { renderTable } from './table.ts';
import { writeJson } from './writeJson.ts';

type ConsensusOptions = Pick<SelectionOptions, 'layers' | 'modules'> & { readonly json?: boolean };

/** `study consensus STUDY`: how many runs of a role changed a weight, beside what independent runs would give. Computes nothing. */
export function studyConsensusCommand(study: Command, { terminal }: Session): void {
  withOutputOptions(study.command('consensus'))
    .argument('<study>', 'the study folder, or its study.json')
    .description('print how many weights exactly so many runs of a role changed, beside independent runs')
    .option('--layers <ranges>', 'only tensors of these layers, e.g. 0-3,10', layerRanges)
    .option('--modules <names>', 'only tensors of these modules, e.g. q_proj,o_proj', list)
    .addHelpText(
      'after',
      examples([
        'study consensus ./base.polarimeter',
        'study consensus ./base.polarimeter --layers 0-3 --modules q_proj --json',
      ]),
    )
    .action(async (path: string, { json, ...part }: ConsensusOptions) => {
      using opened = Study.open(resolve(terminal.folder, path));
      mentionInterruption(terminal, opened.folder);
      const document = await consensusReply(opened, selectedPart(part));
      if (json) {
        writeJson(terminal, document);
        return;
      }
      const where = partWords(part);
      const title = `${document.study}${where === null ? '' : `, ${where}`}\n\n`;
      const { sets } = document;
      const none = 'No two runs of one role start from the same reference: there is nothing to agree on.\n';
      const blocks = sets.map((set) => setText(set, terminal.columns));
      terminal.out(title + (sets.length === 0 ? none : blocks.join('\n')));
    });
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** A line per number of runs: weights found, as a share, and as independent runs of the same densities would have it. */
function setText({ role, reference, runs, counts, expected, tensors }: Consensus, width: number): string {
  const title = `${role} from ${reference}, ${String(runs.length)} runs: ${runs.join(', ')}`;
  if (counts === null || expected === null)
    return `${title}\nNothing is computed of them yet: run the study.\n`;
  const all = total(counts);
  const lines = counts.map((found, c) => {
    const chance = expected[c] ?? 0;
    return [
      `${String(c)} of ${String(runs.length)}`,
      formatCount(found),
      all === 0 ? 'n/a' : formatValue(found / all, 'share'),
      all === 0 ? 'n/a' : formatValue(chance / all, 'share'),
      chance === 0 ? 'n/a' : formatValue(found / chance, 'ratio'),
    ];
  });
  const columns = [
    { header: ['runs that', 'changed it'], align: 'left' as const },
    { header: ['weights'], align: 'right' as const },
    { header: ['share'], align: 'right' as const },
    { header: ['independent', 'runs'], align: 'right' as const },
    { header: ['found over', 'expected'], align: 'right' as const },
  ];
  const table = renderTable({ columns, lines: lines.map((cells) => ({ cells })) }, { width });
  const over = `${formatCount(tensors)} ${tensors === 1 ? 'tensor' : 'tensors'}`;
  return `${title}; ${over}\n\n${table}`;
}

import type { Command } from 'commander';
import { resolve } from 'node:path';
import { LOG_LINES, type LogLine } from '../contract/runLog.ts';
import { formatMillis } from '../contract/units.ts';
import { readRunLog } from '../study/readRunLog.ts';
import { studyFolder } from '../study/studyFile.ts';
import { count } from './optionValues.ts';
import { printable } from './printable.ts';
import type { Session } from './Session.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { writeJson } from './writeJson.ts';

interface LogOptions {
  readonly tail?: number;
  readonly json?: boolean;
}

const MOST_LINES = 1_000_000;

/** `study log STUDY`: what its runs did, line by line, oldest first. */
export function studyLogCommand(study: Command, { terminal }: Session): void {
  withOutputOptions(study.command('log'))
    .argument('<study>', 'the study folder, or its study.json')
    .description('print the log of the runs of a study: what was computed, skipped or went wrong, and when')
    .option('--tail <n>', `only the last lines (default: ${String(LOG_LINES)})`, count(MOST_LINES))
    .addHelpText(
      'after',
      examples(['study log ./base.polarimeter', 'study log ./base.polarimeter --tail 20 --json']),
    )
    .action((path: string, { tail = LOG_LINES, json = false }: LogOptions) => {
      const folder = studyFolder(resolve(terminal.folder, path));
      const lines = readRunLog(folder, tail);
      if (json) writeJson(terminal, { schema: 'polarimeter.log/1', folder, lines });
      else for (const line of lines) terminal.out(`${printable(logText(line))}\n`);
    });
}

/** "2026-11-21T18:00:01.250Z  tensor  model.layers.0.mlp.up_proj.weight: computed (1.2 s)" */
function logText({ ts, event, tensor, millis, message }: LogLine): string {
  const about = tensor === null ? '' : `${tensor}: `;
  const time =
    millis === null || event === 'done' || event === 'cancelled' ? '' : ` (${formatMillis(millis)})`;
  return `${ts}  ${event.padEnd(12)}  ${about}${message}${time}`;
}

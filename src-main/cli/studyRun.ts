import type { Command } from 'commander';
import { resolve } from 'node:path';
import { Study } from '../study/Study.ts';
import { examples, withLimitOptions, withOutputOptions } from './sharedOptions.ts';
import { printResult, type ResultOptions } from './printResult.ts';
import { type LimitOptions, limitsFrom, runStudy } from './runStudy.ts';
import type { Session } from './Session.ts';

type RunOptions = LimitOptions & ResultOptions;

/** `study run STUDY` and `study resume STUDY`: one and the same, for what is stored is never computed again. */
export function studyRunCommands(study: Command, session: Session): void {
  const { terminal } = session;
  const commands = {
    run: 'compute what is missing in a study',
    resume: 'go on with a study that was cancelled or killed',
  };
  for (const [name, description] of Object.entries(commands)) {
    withOutputOptions(withLimitOptions(study.command(name)))
      .argument('<study>', 'the study folder, or its study.json')
      .description(description)
      .option('--brief', 'leave out the definitions below the table')
      .addHelpText(
        'after',
        examples([
          `study ${name} ./base.polarimeter`,
          `study ${name} ./base.polarimeter --memory 4GiB --json`,
        ]),
      )
      .action(async (path: string, options: RunOptions) => {
        using opened = Study.open(resolve(terminal.folder, path));
        await runStudy(session, opened, limitsFrom(options));
        printResult(terminal, opened, options);
      });
  }
}

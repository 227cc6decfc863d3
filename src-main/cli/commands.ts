import type { Command } from 'commander';
import { COMMAND_SCOPES, COMMANDS, type CommandsDocument } from '../contract/commands.ts';
import type { Session } from './Session.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { renderTable, type TableColumn } from './table.ts';
import { writeJson } from './writeJson.ts';

const COLUMNS: readonly TableColumn[] = ['id', 'what it does', 'keys'].map((header) => ({
  header: [header],
  align: 'left',
}));

/** `commands`: everything that can be done in the workbench, under stable ids. */
export function commandsCommand(program: Command, { terminal }: Session): void {
  withOutputOptions(program.command('commands'))
    .description('list the commands of the workbench: id, what it does, keys, and where it is at hand')
    .addHelpText('after', examples(['commands', 'commands --json']))
    .action((options: { json?: boolean }) => {
      if (options.json) {
        const document: CommandsDocument = { schema: 'polarimeter.commands/1', commands: [...COMMANDS] };
        writeJson(terminal, document);
        return;
      }
      for (const [scope, place] of Object.entries(COMMAND_SCOPES)) {
        const lines = COMMANDS.filter((command) => command.scope === scope).map(({ id, title, keys }) => ({
          cells: [id, title, keys.join(' or ')],
        }));
        if (lines.length === 0) continue;
        terminal.out(`${place}\n`);
        terminal.out(`${renderTable({ columns: COLUMNS, lines }, { width: terminal.columns })}\n`);
      }
      terminal.out(
        'Mod is Command on a Mac and Control elsewhere. Keys can be changed in the workbench, under ?.\n',
      );
    });
}

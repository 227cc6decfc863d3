import type { Command } from 'commander';
import { formatCount } from '../contract/format.ts';
import { formatBytes } from '../contract/units.ts';
import { pruneWork } from '../recipes/pruneWork.ts';
import { workFolder } from '../recipes/workFolder.ts';
import { cacheEntries } from './cacheEntries.ts';
import { inkFor } from './ink.ts';
import { memorySize } from './optionValues.ts';
import { printable } from './printable.ts';
import type { CacheDocument } from './recipeDocuments.ts';
import type { Session } from './Session.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './Terminal.ts';
import { writeJson } from './writeJson.ts';

const WHERE_HELP = `
The work folder holds what can be computed again: tensors of recipes, converted models, content hashes. It is
POLARIMETER_WORK, or polarimeter/work in the cache folder of the user. Studies and checkpoints are not in it.
`;

/** `cache ls|prune`: what the work folder holds, and less of it. */
export function cacheCommand(program: Command, { terminal }: Session): void {
  const cache = program.command('cache').description('look at the work folder, or make it smaller');
  withOutputOptions(cache.command('ls'))
    .description('say what the work folder holds')
    .addHelpText('after', WHERE_HELP)
    .addHelpText('after', examples(['cache ls', 'cache ls --json']))
    .action(({ json }: { json?: boolean }) => {
      const document = cacheDocument();
      if (json) writeJson(terminal, document);
      else print(terminal, document);
    });
  withOutputOptions(cache.command('prune'))
    .description('remove what was used least recently, until the rest is small enough')
    .option('--max-size <size>', 'what may stay, e.g. 20GB (default: nothing)', memorySize)
    .addHelpText('after', WHERE_HELP)
    .addHelpText('after', examples(['cache prune --max-size 20GB', 'cache prune']))
    .action(({ maxSize = 0, json }: { maxSize?: number; json?: boolean }) => {
      const removed = pruneWork({ maxBytes: maxSize });
      if (json) writeJson(terminal, { schema: 'polarimeter.pruned/1', folder: workFolder(), ...removed });
      else
        terminal.out(`${formatCount(removed.files)} files removed, ${formatBytes(removed.bytes)} freed.\n`);
    });
}

function cacheDocument(): CacheDocument {
  const folder = workFolder();
  const entries = cacheEntries(folder);
  const total = (field: 'files' | 'bytes'): number => entries.reduce((sum, entry) => sum + entry[field], 0);
  return { schema: 'polarimeter.cache/1', folder, entries, files: total('files'), bytes: total('bytes') };
}

function print(terminal: Terminal, { folder, entries, files, bytes }: CacheDocument): void {
  terminal.out(`${printable(folder)}\n`);
  if (entries.length === 0) {
    terminal.out('It is empty.\n');
    return;
  }
  const columns = [
    { header: ['what'], align: 'left' as const },
    { header: ['files'], align: 'right' as const },
    { header: ['size'], align: 'right' as const },
  ];
  const line = (kind: string, count: number, size: number) => ({
    cells: [kind, formatCount(count), formatBytes(size)],
  });
  const lines = [
    ...entries.map((entry) => line(entry.kind, entry.files, entry.bytes)),
    line('all', files, bytes),
  ];
  terminal.out(
    `\n${renderTable({ columns, lines }, { width: terminal.columns, ink: inkFor(terminal.colour) })}`,
  );
}

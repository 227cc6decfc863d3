import type { Command } from 'commander';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { OwnRoots } from '../api/OwnRoots.ts';
import { stateFolder } from '../api/stateFolder.ts';
import { checkpointRoots } from '../checkpoint/checkpointRoots.ts';
import { discoverCheckpoints } from '../checkpoint/discoverCheckpoints.ts';
import { accessing } from '../checkpoint/fileErrors.ts';
import { formatCount } from '../contract/format.ts';
import type { ScanDocument } from './documents.ts';
import { printCollection } from './printCollection.ts';
import { printable } from './printable.ts';
import type { Session } from './Session.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import type { Terminal } from './Terminal.ts';
import { writeJson } from './writeJson.ts';

interface ScanOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `scan [ROOT…]`: every checkpoint below folders, and why the others are none. Reads headers only. */
export function scanCommand(program: Command, { terminal }: Session): void {
  withOutputOptions(program.command('scan'))
    .argument(
      '[roots...]',
      'folders to search (default: your own, and the caches of Hugging Face and LM Studio)',
    )
    .description('list every checkpoint below folders, and say why the other folders of weights are none')
    .option('-q, --quiet', 'print the paths of the checkpoints and nothing else')
    .addHelpText('after', examples(['scan', 'scan ./runs ~/models', 'scan -q ./runs', 'scan --json']))
    .action((roots: string[], options: ScanOptions) => {
      const document = scan(roots.map((root) => resolve(terminal.folder, root)));
      if (options.json) writeJson(terminal, document);
      else if (options.quiet) for (const { path } of document.found) terminal.out(`${printable(path)}\n`);
      else print(terminal, document);
    });
}

function scan(named: readonly string[]): ScanDocument {
  // A root that was named is an error when it is missing; one of the usual places is not.
  for (const root of named) accessing(root, () => statSync(root));
  const own = new OwnRoots(stateFolder()).list();
  const usual = [...own, ...checkpointRoots()].filter((root) =>
    statSync(root, { throwIfNoEntry: false })?.isDirectory(),
  );
  const roots = named.length > 0 ? [...named] : usual;
  const { found, rejected } = discoverCheckpoints(roots);
  return {
    schema: 'polarimeter.scan/1',
    roots,
    found,
    rejected: rejected.map(({ path, error }) => ({ path, code: error.code, reason: error.message })),
  };
}

function print(terminal: Terminal, document: ScanDocument): void {
  const { roots, found } = document;
  const places = roots.length === 0 ? checkpointRoots() : roots;
  const what = roots.length === 0 ? 'there is no such folder' : `${formatCount(found.length)} found`;
  const noun = found.length === 1 ? 'Checkpoint' : 'Checkpoints';
  terminal.out(`${noun} below ${places.map(printable).join(', ')}: ${what}.\n`);
  printCollection(terminal, document);
}

import type { Command } from 'commander';
import { resolve } from 'node:path';
import { isBookkeeping } from '../architecture/bookkeeping.ts';
import { inspectPath } from '../study/inspectPath.ts';
import type { Checkpoint, Inspection } from '../contract/checkpoint.ts';
import { formatCompact, formatCount } from '../contract/format.ts';
import { formatBytes } from '../contract/units.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { inkFor } from './ink.ts';
import { elementsOf, moduleTable, tensorTable } from './inspectTables.ts';
import { printable } from './printable.ts';
import { printCollection } from './printCollection.ts';
import type { Session } from './Session.ts';
import { shellWord } from '../contract/shellWord.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './Terminal.ts';
import { writeJson } from './writeJson.ts';

interface InspectOptions {
  readonly tensors?: boolean;
  readonly adapterBase?: string;
  readonly json?: boolean;
}

type Found<Kind extends Inspection['kind']> = Extract<Inspection, { kind: Kind }>;

/** `inspect PATH`: what a path is, or why it is not a checkpoint. Reads headers only. */
export function inspectCommand(program: Command, { terminal }: Session): void {
  withOutputOptions(program.command('inspect'))
    .argument('<path>', 'a folder, a file of weights (safetensors, PyTorch, GGUF), an index or a recipe')
    .description('say what a path is: a checkpoint with its tensors, a folder of checkpoints, or why neither')
    .option('--tensors', 'list every tensor instead of a summary by module')
    .option('--adapter-base <path>', 'lay an adapter on this checkpoint instead of the one that it names')
    .addHelpText(
      'after',
      examples([
        'inspect ./Qwen3-8B-Base',
        'inspect ~/.cache/huggingface/hub',
        'inspect ./rl --tensors --json',
      ]),
    )
    .action((path: string, options: InspectOptions) => {
      const { adapterBase = null } = options;
      const inspection = inspectPath(
        resolve(terminal.folder, path),
        adapterBase && resolve(terminal.folder, adapterBase),
      );
      if (options.json) writeJson(terminal, { schema: 'polarimeter.inspection/1', inspection });
      else print(terminal, inspection, options.tensors ?? false);
    });
}

function print(terminal: Terminal, inspection: Inspection, everyTensor: boolean): void {
  switch (inspection.kind) {
    case 'checkpoint':
      printCheckpoint(terminal, inspection, everyTensor);
      break;
    case 'collection':
      terminal.out(
        `${printable(inspection.path)} is no checkpoint itself; it holds ${formatCount(inspection.found.length)}.\n`,
      );
      printCollection(terminal, inspection);
      break;
    case 'study':
      terminal.out(
        `A study: ${printable(inspection.name)}\nShow it with: npx polarimeter study show ${shellWord(inspection.path)}\n`,
      );
  }
}

function printCheckpoint(
  terminal: Terminal,
  { checkpoint, roles }: Found<'checkpoint'>,
  everyTensor: boolean,
): void {
  const ink = inkFor(terminal.colour);
  terminal.out(
    `${ink.strong(printable(checkpoint.title))}\n${facts(checkpoint).map(printable).join('\n')}\n\n`,
  );
  const table = everyTensor ? tensorTable(checkpoint.tensors) : moduleTable(checkpoint.tensors, roles);
  terminal.out(renderTable(table, { width: terminal.columns, ink }));
  if (checkpoint.warnings.length > 0) terminal.out('\n');
  for (const warning of checkpoint.warnings) terminal.out(`Note: ${printable(warning)}\n`);
}

/** "2 edits of /models/sft: 18 tensors are taken from elsewhere, 42 computed" */
function recipeText({ target, edits, made, taken }: NonNullable<Checkpoint['recipe']>): string {
  return `${formatCount(edits)} edit${edits === 1 ? '' : 's'} of ${target}: ${formatCount(taken.length)} tensors are taken from elsewhere, ${formatCount(made.length)} computed`;
}

/** "rank 8 on 56 tensors of /models/base" */
function adapterText({ base, ranks, targets }: NonNullable<Checkpoint['adapter']>): string {
  const rank = ranks.length === 0 ? 'whole tensors' : `rank ${ranks.join(', ')}`;
  return `${rank}, changes ${formatCount(targets)} tensor${targets === 1 ? '' : 's'} of ${base}`;
}

function facts(checkpoint: Checkpoint): string[] {
  const { path, format, config, tensors, files, parameters, bytes, step, adapter, recipe } = checkpoint;
  const layers = config?.layers ?? null;
  const beside = tensors
    .filter(({ name, shape }) => isBookkeeping(name, shape))
    .reduce((sum, tensor) => sum + elementsOf(tensor), 0);
  return [
    `path        ${path}`,
    `format      ${format}, ${formatCount(files.length)} file${files.length === 1 ? '' : 's'}`,
    ...(adapter === undefined ? [] : [`adapter     ${adapterText(adapter)}`]),
    ...(recipe === undefined ? [] : [`recipe      ${recipeText(recipe)}`]),
    `model       ${config?.architecture ?? config?.modelType ?? 'unknown: no config.json'}${layers === null ? '' : `, ${String(layers)} layers`}`,
    `tensors     ${formatCount(tensors.length)}`,
    `parameters  ${formatCompact(parameters)} (${formatCount(parameters)}${beside > 0 ? `, ${formatCount(beside)} of them in scales and buffers` : ''})`,
    `size        ${formatBytes(bytes)}`,
    ...(step === null ? [] : [`step        ${formatCount(step)}`]),
  ];
}

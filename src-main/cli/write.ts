import type { Command } from 'commander';
import { dirname, resolve } from 'node:path';
import { formatCount } from '../contract/format.ts';
import { bytes, formatBytes, formatMillis } from '../contract/units.ts';
import { SHARD_BYTES, writeCheckpoint, type WrittenCheckpoint } from '../exports/writeCheckpoint.ts';
import type { WriteProgress } from '../exports/WriteMeter.ts';
import { Kernels } from '../kernels/Kernels.ts';
import { isRecipeFile } from '../recipes/isRecipeFile.ts';
import { readRecipe } from '../recipes/readRecipe.ts';
import { openModel } from '../recipes/openModel.ts';
import { makeModel } from './makeModel.ts';
import { memorySize } from './optionValues.ts';
import { printable } from './printable.ts';
import { ProgressLine, rate } from './ProgressLine.ts';
import { type LimitOptions, limitsFrom } from './runStudy.ts';
import type { Session } from './Session.ts';
import { examples, withLimitOptions, withOutputOptions } from './sharedOptions.ts';
import type { Terminal } from './Terminal.ts';
import { withInterrupt } from './withInterrupt.ts';
import { writeJson } from './writeJson.ts';

interface WriteCommandOptions extends LimitOptions {
  readonly out: string;
  readonly force?: boolean;
  readonly shardSize: number;
  readonly adapterBase?: string;
  readonly json?: boolean;
}

const SAFETY_HELP = `
The folder is made beside its place, read back and compared tensor by tensor, and put there when all is equal. Cancelled or
failed, nothing is left. Checkpoints that are read are never changed, and nothing is written into their folders.
`;

/** `write MODEL --out FOLDER`: a recipe, adapter or checkpoint as a folder that other programs load. */
export function writeCommand(program: Command, { terminal }: Session): void {
  withOutputOptions(withLimitOptions(program.command('write')))
    .argument('<model>', 'a recipe, an adapter, or any checkpoint')
    .description('write a recipe or checkpoint as a folder of safetensors that other programs load')
    .requiredOption('--out <folder>', 'where to write it')
    .option('--force', 'replace the folder of a checkpoint that is there')
    .option('--shard-size <size>', 'largest file, e.g. 2GB', memorySize, bytes(SHARD_BYTES))
    .option('--adapter-base <path>', 'lay an adapter on this checkpoint instead of the one that it names')
    .addHelpText('after', SAFETY_HELP)
    .addHelpText(
      'after',
      examples([
        'write repair.yaml --out ./repaired',
        'write ./lora-adapter --out ./merged --shard-size 2GB',
        'write repair.yaml --out ./repaired --force --json',
      ]),
    )
    .action(async (model: string, options: WriteCommandOptions) => {
      const written = await write(terminal, resolve(terminal.folder, model), options);
      if (options.json) writeJson(terminal, { schema: 'polarimeter.written/1', ...written });
      else print(terminal, written);
    });
}

async function write(
  terminal: Terminal,
  path: string,
  options: WriteCommandOptions,
): Promise<WrittenCheckpoint> {
  const { adapterBase = null, force = false, shardSize } = options;
  const named = adapterBase === null ? null : resolve(terminal.folder, adapterBase);
  const checkpoint = openModel(path, { named, fallback: null });
  const limits = limitsFrom(options);
  using kernels = new Kernels({ threads: limits.threads });
  const line = new ProgressLine(terminal);
  try {
    return await withInterrupt(terminal, async (signal) =>
      writeCheckpoint(checkpoint, resolve(terminal.folder, options.out), {
        kernels,
        force,
        shardBytes: shardSize,
        signal,
        recipe: isRecipeFile(path)
          ? {
              recipe: readRecipe(path),
              folder: dirname(path),
              make: () => makeModel(checkpoint, kernels, { limits, signal, line }),
            }
          : undefined,
        onProgress: (progress) => line.show(() => progressWords(progress)),
      }),
    );
  } finally {
    line.clear();
  }
}

const STAGES: Readonly<Record<WriteProgress['stage'], string>> = { write: 'writing', verify: 'reading back' };

function progressWords({
  stage,
  tensor,
  bytes: done,
  totalBytes,
  bytesPerSecond,
  millisLeft,
}: WriteProgress): string {
  const parts = [
    `${STAGES[stage]} ${formatBytes(done)} of ${formatBytes(totalBytes)}`,
    `${rate(bytesPerSecond)}B/s`,
    ...(millisLeft === null ? [] : [`${formatMillis(millisLeft)} left`]),
    printable(tensor),
  ];
  return parts.join(' · ');
}

function print(terminal: Terminal, { path, files, provenance }: WrittenCheckpoint): void {
  const { tensors, bytes: size, tied, copied, warnings } = provenance;
  const shards = files.length === 1 ? 'one file' : `${formatCount(files.length)} files`;
  const shared =
    tied.length === 0
      ? ''
      : `; ${tied.map(({ tensor }) => printable(tensor)).join(', ')} tied, not written twice`;
  terminal.out(
    `${printable(path)}\n${formatCount(tensors)} tensors, ${formatBytes(size)} in ${shards}${shared}\n` +
      `Read back and compared: every tensor is equal.\nCopied: ${copied.join(', ') || 'nothing'}\n`,
  );
  for (const warning of warnings) terminal.out(`Note: ${printable(warning)}\n`);
}

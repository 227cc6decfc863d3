import type { Command } from 'commander';
import { resolve } from 'node:path';
import { alignCheckpoints } from '../architecture/alignCheckpoints.ts';
import type { AlignedTensor, Alignment } from '../contract/alignment.ts';
import { partsOf, storedTensors, type TensorInfo } from '../contract/checkpoint.ts';
import { EXIT } from '../contract/errors.ts';
import { Kernels } from '../kernels/Kernels.ts';
import { openModel } from '../recipes/openModel.ts';
import { IDLE } from '../study/ProgressMeter.ts';
import { makeModel } from './makeModel.ts';
import { type LimitOptions, limitsFrom } from './runStudy.ts';
import { examples, withLimitOptions, withOutputOptions } from './sharedOptions.ts';
import { diffTensor } from './diffTensor.ts';
import { diffSummary, diffTable } from './diffTable.ts';
import type { DiffDocument, DiffTensor } from './documents.ts';
import { inkFor } from './ink.ts';
import { printable } from './printable.ts';
import { ProgressLine } from './ProgressLine.ts';
import type { Session } from './Session.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './Terminal.ts';
import { withInterrupt } from './withInterrupt.ts';
import { writeJson } from './writeJson.ts';

interface DiffOptions extends LimitOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `diff A B`: whether two checkpoints hold the same values. Writes nothing. Exit code 0 same, 1 different, 3 not comparable. */
export function diffCommand(program: Command, session: Session): void {
  withOutputOptions(withLimitOptions(program.command('diff')))
    .argument('<a>', 'a checkpoint, or a recipe of one: what is missing of it is made first')
    .argument('<b>', 'another one')
    .description('say whether and where two checkpoints differ, value by value')
    .option('-q, --quiet', 'print the names of tensors that differ and nothing else')
    .addHelpText(
      'after',
      '\nExit codes: 0 all values are equal, 1 some differ, 3 no tensor can be compared.\n',
    )
    .addHelpText(
      'after',
      examples(['diff ./base ./sft', 'diff -q ./rl-1 ./rl-2', 'diff repair.yaml ./repaired --json']),
    )
    .action(async (a: string, b: string, options: DiffOptions) => {
      const { terminal } = session;
      const document = await diff(
        terminal,
        [resolve(terminal.folder, a), resolve(terminal.folder, b)],
        options,
      );
      if (options.json) writeJson(terminal, document);
      else print(terminal, document, options);
      session.exitCode = document.same ? EXIT.done : EXIT.differ;
    });
}

async function diff(
  terminal: Terminal,
  [a, b]: [string, string],
  options: DiffOptions,
): Promise<DiffDocument> {
  const left = openModel(a);
  // An adapter whose own base is not here is laid on what it is compared with.
  const right = openModel(b, { named: null, fallback: left });
  const compared = withoutUsedScales(alignCheckpoints(left, right));
  const limits = limitsFrom(options);
  using kernels = new Kernels({ threads: limits.threads });
  const line = new ProgressLine(terminal);
  try {
    const tensors = await withInterrupt(terminal, async (signal) => {
      for (const model of [left, right]) await makeModel(model, kernels, { limits, signal, line });
      return await diffAll(kernels, compared, { line, signal });
    });
    return {
      schema: 'polarimeter.diff/1',
      a,
      b,
      same: tensors.every(({ status }) => status === 'same'),
      tensors,
    };
  } finally {
    line.clear();
  }
}

/** A scale that only one side stores is in the values of the weights that it scales, and nothing to compare by itself. */
function withoutUsedScales({ tensors }: Alignment): AlignedTensor[] {
  const place = ({ file, offset }: TensorInfo): string => `${file}\0${String(offset)}`;
  const sides = tensors.flatMap(({ reference, variant }) => [reference, variant]);
  const used = new Set(sides.flatMap(scalesOf).map(place));
  return tensors.filter(({ reference, variant, reason }) => {
    const only = reference === null ? variant : variant === null ? reference : null;
    return reason !== 'bookkeeping' || only === null || !used.has(place(only));
  });
}

function scalesOf(tensor: TensorInfo | null): TensorInfo[] {
  if (tensor === null) return [];
  const own = tensor.derived?.kind === 'scaled' ? storedTensors(tensor.derived.scale) : [];
  return [...own, ...partsOf(tensor).flatMap(scalesOf)];
}

/** Tensor after tensor, each read by all threads; files stay in one state until the end. */
async function diffAll(
  kernels: Kernels,
  tensors: readonly AlignedTensor[],
  { line, signal }: { line: ProgressLine; signal: AbortSignal },
): Promise<DiffTensor[]> {
  using leases = new DisposableStack();
  const stored = tensors
    .flatMap(({ reference, variant }) => [reference, variant])
    .filter((tensor) => tensor !== null)
    .flatMap(storedTensors);
  for (const file of new Set(stored.map((tensor) => tensor.file))) leases.use(kernels.files.acquire(file));
  const started = performance.now();
  const results: DiffTensor[] = [];
  let bytesRead = 0;
  for (const [done, aligned] of tensors.entries()) {
    const millisElapsed = performance.now() - started;
    const bytesPerSecond = bytesRead / Math.max(millisElapsed / 1000, 1e-3);
    const { tensor } = aligned;
    line.update({
      ...IDLE,
      state: 'running',
      done,
      total: tensors.length,
      tensor,
      bytesRead,
      bytesPerSecond,
      millisElapsed,
    });
    results.push(await diffTensor(kernels, aligned, signal));
    bytesRead += (aligned.reference?.bytes ?? 0) + (aligned.variant?.bytes ?? 0);
  }
  return results;
}

function print(terminal: Terminal, document: DiffDocument, { quiet = false }: DiffOptions): void {
  const different = document.tensors.filter(({ status }) => status !== 'same');
  if (quiet) {
    for (const { tensor } of different) terminal.out(`${printable(tensor)}\n`);
    return;
  }
  const layout = { width: terminal.columns, ink: inkFor(terminal.colour) };
  terminal.out(
    `A  ${printable(document.a)}\nB  ${printable(document.b)}\n\n${renderTable(diffTable(document.tensors), layout)}\n`,
  );
  for (const { tensor, status, detail } of different) {
    if (status !== 'different')
      terminal.out(`${status}: ${printable(tensor)}${detail === null ? '' : ` (${printable(detail)})`}\n`);
  }
  terminal.out(`${diffSummary(document)}\n`);
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALIGNMENT_REASONS, type AlignedTensor } from '../contract/alignment.ts';
import type { CostEstimate, StudyFile, Variant } from '../contract/study.ts';
import { formatBytes, formatMillis } from '../contract/units.ts';
import { Kernels } from '../kernels/Kernels.ts';
import { Study } from '../study/Study.ts';
import type { PlanDocument } from './documents.ts';
import { coverageOf } from './printStudy.ts';
import { type LimitOptions, limitsFrom } from './runStudy.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './Terminal.ts';
import { writeJson } from './writeJson.ts';

/** What a study would compare and what it would cost. Nothing is kept: the study lives in a temporary folder. */
export function printPlan(
  terminal: Terminal,
  file: StudyFile,
  options: LimitOptions & { readonly json?: boolean },
): void {
  const folder = mkdtempSync(join(tmpdir(), 'polarimeter-plan-'));
  try {
    const plan = planOf(folder, file, options);
    if (options.json) writeJson(terminal, plan);
    else print(terminal, plan);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function planOf(folder: string, file: StudyFile, options: LimitOptions): PlanDocument {
  const limits = limitsFrom(options);
  using kernels = new Kernels({ threads: limits.threads });
  using study = Study.create(join(folder, 'study'), file);
  const alignments = [...study.alignments.values()];
  return { schema: 'polarimeter.plan/1', study: file, alignments, estimate: study.estimate(kernels, limits) };
}

function print(terminal: Terminal, { study, alignments, estimate }: PlanDocument): void {
  for (const [index, alignment] of alignments.entries()) {
    const { label = '', from = '' } = study.variants[index] ?? {};
    terminal.out(`${label} from ${from}: ${coverageOf(alignment)}\n`);
    const left = alignment.tensors.filter(({ status }) => status === 'not-compared');
    if (left.length > 0)
      terminal.out(`\n${notComparedTable(study.variants[index], left, terminal.columns)}\n`);
  }
  terminal.out(costText(estimate));
}

function notComparedTable(
  variant: Variant | undefined,
  tensors: readonly AlignedTensor[],
  width: number,
): string {
  const columns = ['tensor', variant?.from ?? '', variant?.label ?? '', 'not compared because'];
  return renderTable(
    {
      keys: columns.length,
      columns: columns.map((name) => ({ header: [name], align: 'left' })),
      lines: tensors.map((tensor) => ({
        cells: [tensor.tensor, shapeOf(tensor.reference), shapeOf(tensor.variant), reasonOf(tensor)],
      })),
    },
    { width },
  );
}

const shapeOf = (tensor: AlignedTensor['reference']): string =>
  tensor === null ? '-' : `${tensor.dtype} [${tensor.shape.join(', ')}]`;

function reasonOf({ reason, detail }: AlignedTensor): string {
  const words = reason === null ? '' : ALIGNMENT_REASONS[reason];
  return detail === null || detail === words ? words : `${words}: ${detail}`;
}

function costText(estimate: CostEstimate): string {
  const { tensors, bytesRead, flops, millis, largestTensorBytes, peakBytes } = estimate;
  return `
To compute    ${String(tensors)} tensors
Reads         ${formatBytes(bytesRead)}
Operations    ${(flops / 1e9).toPrecision(3)} GFLOP
Time          about ${formatMillis(millis)}
Workspace     ${formatBytes(largestTensorBytes)} for the largest tensor, ${formatBytes(peakBytes)} in all
Nothing was written. Leave out --dry-run to run it.
`;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALIGNMENT_REASONS, type AlignedTensor } from '../contract/alignment.ts';
import type { CostEstimate, StudyFile, Variant } from '../contract/study.ts';
import { formatCount } from '../contract/format.ts';
import { formatBytes, formatMillis } from '../contract/units.ts';
import { Kernels } from '../kernels/Kernels.ts';
import { isPartial } from '../study/selectTensors.ts';
import { Study } from '../study/Study.ts';
import type { PlanDocument } from './documents.ts';
import { coverageOf } from './coverageOf.ts';
import { notesOf } from './printStudy.ts';
import { printable } from './printable.ts';
import { type LimitOptions, limitsFrom } from './runStudy.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './Terminal.ts';
import { wrapText } from './wrapText.ts';
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
    if (options.json) writeJson(terminal, plan.document);
    else print(terminal, plan.document, plan.notes);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Plan {
  readonly document: PlanDocument;
  readonly notes: readonly string[];
}

function planOf(folder: string, file: StudyFile, options: LimitOptions): Plan {
  const limits = limitsFrom(options);
  using kernels = new Kernels({ threads: limits.threads });
  using study = Study.create(join(folder, 'study'), file);
  const alignments = [...study.alignments.values()];
  const estimate = study.estimate(kernels, limits);
  return {
    document: { schema: 'polarimeter.plan/1', study: file, alignments, estimate },
    notes: notesOf(study.checkpoints),
  };
}

/** Tensors listed per variant; all are in the JSON document. */
const TENSORS_LISTED = 50;

function print(
  terminal: Terminal,
  { study, alignments, estimate }: PlanDocument,
  notes: readonly string[],
): void {
  for (const [index, alignment] of alignments.entries()) {
    const { label = '', from = '' } = study.variants[index] ?? {};
    terminal.out(`${label} from ${from}: ${coverageOf(alignment)}\n`);
    const left = alignment.tensors.filter(
      (tensor) => (tensor.status === 'not-compared' && tensor.reason !== 'bookkeeping') || isPartial(tensor),
    );
    if (left.length === 0) continue;
    const listed = left.slice(0, TENSORS_LISTED);
    terminal.out(`\n${notComparedTable(study.variants[index], listed, terminal.columns)}`);
    const more = left.length - listed.length;
    terminal.out(more > 0 ? `and ${formatCount(more)} more; --json lists all\n\n` : '\n');
  }
  for (const note of notes) terminal.out(`${wrapText(printable(note), terminal.columns).join('\n')}\n`);
  terminal.out(costText(estimate));
}

function notComparedTable(
  variant: Variant | undefined,
  tensors: readonly AlignedTensor[],
  width: number,
): string {
  const columns = ['tensor', variant?.from ?? '', variant?.label ?? '', 'why not, or not in whole'];
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
  if (reason === null) return detail ?? '';
  const words = ALIGNMENT_REASONS[reason];
  // The detail of a tied tensor names the other one in the same sentence.
  if (reason === 'tied-alias') return detail ?? words;
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

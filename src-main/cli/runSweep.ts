import process from 'node:process';
import { resolve } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import { formatCount } from '../contract/format.ts';
import { shellWord } from '../contract/shellWord.ts';
import type { SweepFile, SweepPlan, SweepProgress } from '../contract/sweep.ts';
import { formatBytes, formatMillis } from '../contract/units.ts';
import { estimateSweep } from '../experiments/estimateSweep.ts';
import { planSweep } from '../experiments/plan/planSweep.ts';
import { sweepServices } from '../experiments/services.ts';
import { Sweep } from '../experiments/Sweep.ts';
import type { SweepServices } from '../experiments/SweepServices.ts';
import { Kernels } from '../kernels/Kernels.ts';
import { printable } from './printable.ts';
import { printSweep } from './printSweep.ts';
import { ProgressLine } from './ProgressLine.ts';
import { type LimitOptions, limitsFrom } from './runStudy.ts';
import type { Session } from './Session.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './Terminal.ts';
import { withInterrupt } from './withInterrupt.ts';
import { writeJson } from './writeJson.ts';

export interface RunSweepOptions extends LimitOptions {
  readonly json?: boolean;
  readonly out?: string;
  readonly dryRun?: boolean;
}

/** One line, most wanted first. */
export function sweepProgressText(progress: SweepProgress): string {
  const { done, total, millisLeft, answersPerSecond, doing, state } = progress;
  const parts = [`${formatCount(done)}/${formatCount(total)} answers`];
  if (total > 0) parts.push(`${String(Math.floor((100 * done) / total))} %`);
  if (millisLeft !== null) parts.push(`${formatMillis(millisLeft)} left`);
  if (answersPerSecond !== null) parts.push(`${answersPerSecond.toFixed(1)} answers/s`);
  if (state === 'cancelling') parts.push('cancelling');
  if (doing !== null) parts.push(printable(doing));
  return parts.join(' · ');
}

/** A folder for a sweep that is given none: NAME.sweep where the command was typed. */
export const usualFolder = (file: SweepFile, folder: string): string =>
  resolve(folder, `${file.name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 80)}.sweep`);

function announce(terminal: Terminal, sweep: Sweep, services: SweepServices): void {
  const { trials, answers, cached, diskBytes, memoryBytes } = sweep.estimate(services);
  const kept = cached > 0 ? `, ${formatCount(cached)} are there already` : '';
  terminal.err(
    `${String(trials)} trials, about ${formatCount(answers)} answers${kept}; up to ${formatBytes(diskBytes)} of disk in the work folder and ${formatBytes(memoryBytes)} of memory for the model\n`,
  );
}

/** Evaluates what is missing of a sweep, with progress on stderr, and prints what came of it. Ctrl-C keeps every answer. */
async function perform(session: Session, sweep: Sweep, services: SweepServices): Promise<void> {
  const { terminal } = session;
  const line = new ProgressLine(terminal);
  announce(terminal, sweep, services);
  try {
    const last = await withInterrupt(terminal, (signal) =>
      sweep.run(services, {
        signal,
        onProgress: (progress) => line.show(() => sweepProgressText(progress)),
      }),
    );
    line.clear();
    if (last.state !== 'cancelled') return;
    const message = `cancelled; ${formatCount(last.done)} of ${formatCount(last.total)} answers are kept. Go on with: npx polarimeter sweep ${shellWord(sweep.folder)}`;
    throw new PolarimeterError('cancelled', message, sweep.folder);
  } finally {
    line.clear();
  }
}

function printPlanned(
  terminal: Terminal,
  file: SweepFile,
  { services, json = false }: { readonly services: SweepServices; readonly json?: boolean | undefined },
): void {
  const { readRecipe, confoundsOf } = services;
  const target = services.openModel(file.target.path);
  const trials = planSweep(file, { target, readRecipe, confoundsOf });
  const problems = file.probes.map((probe) => services.readProbe(probe).problems.length);
  const estimate = estimateSweep(file, target, { trials: trials.length, problems, cached: 0 });
  if (json) {
    writeJson(terminal, { trials, estimate } satisfies SweepPlan);
    return;
  }
  const columns = ['kind', 'trial'].map((header) => ({ header: [header], align: 'left' as const }));
  const lines = trials.map(({ kind, label }) => ({ cells: [kind, label] }));
  terminal.out(renderTable({ columns, lines }, { width: terminal.columns }));
  terminal.out(
    `\n${String(trials.length)} trials, ${formatCount(estimate.answers)} answers; nothing was evaluated\n`,
  );
}

/** A sweep from its beginning or from where it stands. fails as Sweep.create and Sweep.run do */
export async function runSweep(session: Session, file: SweepFile, options: RunSweepOptions): Promise<void> {
  const { terminal } = session;
  const limits = limitsFrom(options);
  using kernels = new Kernels({ threads: limits.threads });
  const services = sweepServices(kernels, { memoryBytes: limits.memoryBytes, env: process.env });
  if (options.dryRun) {
    printPlanned(terminal, file, { services, json: options.json });
    return;
  }
  const folder =
    options.out === undefined ? usualFolder(file, terminal.folder) : resolve(terminal.folder, options.out);
  using sweep = Sweep.create(folder, file, services);
  await perform(session, sweep, services);
  const document = sweep.document();
  if (options.json) writeJson(terminal, document);
  else printSweep(terminal, document);
}

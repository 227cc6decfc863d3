import { ERROR_KINDS, EXIT, PolarimeterError } from '../contract/errors.ts';
import type { Progress, RunLimits } from '../contract/study.ts';
import { formatBytes, formatMillis } from '../contract/units.ts';
import { Kernels } from '../kernels/Kernels.ts';
import { defaultLimits } from '../study/limits.ts';
import type { Study } from '../study/Study.ts';
import { ProgressLine } from './ProgressLine.ts';
import type { Session } from './Session.ts';
import { shellWord } from '../contract/shellWord.ts';
import type { Terminal } from './Terminal.ts';
import { withInterrupt } from './withInterrupt.ts';

/** What a user said about the machine; the rest is the default. */
export interface LimitOptions {
  readonly memory?: number;
  readonly threads?: number;
}

export function limitsFrom({ memory, threads }: LimitOptions): RunLimits {
  const usual = defaultLimits();
  return { memoryBytes: memory ?? usual.memoryBytes, threads: threads ?? usual.threads };
}

/**
 * Computes what is missing in a study, with progress on stderr. Ctrl-C ends it as `cancelled`, with every finished result kept.
 * What the memory budget left out makes the exit code that of a resource limit; everything else is there.
 * fails with what Study.run fails with, and cancelled
 */
export async function runStudy(session: Session, study: Study, limits: RunLimits): Promise<void> {
  const { terminal } = session;
  using kernels = new Kernels({ threads: limits.threads });
  const line = new ProgressLine(terminal);
  try {
    const last = await withInterrupt(terminal, (signal) => {
      announce(terminal, study, { kernels, limits });
      return study.run(kernels, { limits, signal, onProgress: (progress) => line.update(progress) });
    });
    line.clear();
    finish(terminal, study, last);
    if (last.overBudget > 0) session.exitCode = EXIT.resource;
  } finally {
    line.clear();
  }
}

/** What is there, what is left, and what it will cost. */
function announce(
  terminal: Terminal,
  study: Study,
  { kernels, limits }: { kernels: Kernels; limits: RunLimits },
): void {
  const { tensors, cached, bytesRead, millis, peakBytes } = study.estimate(kernels, limits);
  const left = tensors - cached;
  if (left <= 0) return;
  const stored = cached > 0 ? `, ${String(cached)} are stored already` : '';
  terminal.err(
    `${String(left)} of ${String(tensors)} tensors to compute${stored}: reads ${formatBytes(bytesRead)}, about ${formatMillis(millis)}` +
      ` with ${String(limits.threads)} threads, workspace up to ${formatBytes(peakBytes)} of ${formatBytes(limits.memoryBytes)}\n`,
  );
}

function finish(terminal: Terminal, study: Study, last: Progress): void {
  if (last.state === 'cancelled') {
    const resume = `npx polarimeter study resume ${shellWord(study.folder)}`;
    const done = `${String(last.done)} of ${String(last.total)} tensors are done and kept`;
    throw new PolarimeterError('cancelled', `cancelled; ${done}. Resume with: ${resume}`, study.folder);
  }
  const computed = last.done - last.cached;
  const skipped = last.skipped > 0 ? `, ${String(last.skipped)} skipped (see their reasons)` : '';
  const news =
    computed > 0
      ? `${String(computed)} computed in ${formatMillis(last.millisElapsed)}`
      : 'nothing new to compute';
  terminal.err(
    `${String(last.total)} tensors done: ${news}, ${String(last.cached)} taken from the store${skipped}\n`,
  );
  if (last.overBudget === 0) return;
  const { cause, remedy } = ERROR_KINDS['memory-budget'];
  terminal.err(`${String(last.overBudget)} tensors were not decomposed: ${cause}; ${remedy}\n`);
}

import type { Command } from 'commander';
import { resolve } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import type { CostEstimate, Progress } from '../contract/study.ts';
import { Kernels } from '../kernels/Kernels.ts';
import { defaultLimits } from '../study/limits.ts';
import { restingProgress } from '../study/restingProgress.ts';
import { Study } from '../study/Study.ts';
import { mentionInterruption } from './mentionInterruption.ts';
import { printable } from './printable.ts';
import type { Session } from './Session.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { writeJson } from './writeJson.ts';

const STATES: Readonly<Record<Progress['state'], string>> = {
  idle: 'not run to the end',
  planning: 'running',
  running: 'running',
  cancelling: 'running',
  done: 'done',
  cancelled: 'cancelled',
  failed: 'failed',
  interrupted: 'interrupted',
  elsewhere: 'running',
};

/** `study status STUDY`: how it stands, and why a run that was cut off was so. Computes nothing. */
export function studyStatusCommand(study: Command, { terminal }: Session): void {
  withOutputOptions(study.command('status'))
    .argument('<study>', 'the study folder, or its study.json')
    .description('say how a study stands: how much is stored, and whether its last run was cut off')
    .addHelpText(
      'after',
      examples(['study status ./base.polarimeter', 'study status ./base.polarimeter --json']),
    )
    .action((path: string, { json }: { json?: boolean }) => {
      using opened = Study.open(resolve(terminal.folder, path));
      const { folder, file } = opened;
      const progress = restingProgress(folder, estimateOf(opened), defaultLimits().memoryBytes);
      if (json) {
        writeJson(terminal, { schema: 'polarimeter.status/1', study: file.name, folder, progress });
        return;
      }
      const { state, done, total, runner } = progress;
      const where = runner === null ? '' : ` in process ${String(runner)}`;
      terminal.out(
        `${printable(file.name)}: ${STATES[state]}${where}, ${String(done)} of ${String(total)} tensors are stored\n`,
      );
      if (state === 'interrupted') mentionInterruption(terminal, folder);
    });
}

/** Null where the native core, which knows its workspace, is missing. */
function estimateOf(study: Study): CostEstimate | null {
  try {
    using kernels = new Kernels();
    return study.estimate(kernels, defaultLimits());
  } catch (error) {
    if (error instanceof PolarimeterError && error.code === 'engine-missing') return null;
    throw error;
  }
}

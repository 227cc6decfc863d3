import type { Command } from 'commander';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { demoFolder, demoStudy } from '../api/demoStudy.ts';
import { studiesFolder } from '../api/stateFolder.ts';
import type { StudyFile } from '../contract/study.ts';
import { Study } from '../study/Study.ts';
import { examples, withLimitOptions, withOutputOptions } from './sharedOptions.ts';
import { printResult, type ResultOptions } from './printResult.ts';
import { projectRoot } from '../api/projectRoot.ts';
import { type LimitOptions, limitsFrom, runStudy } from './runStudy.ts';
import type { Session } from './Session.ts';

interface DemoOptions extends LimitOptions, ResultOptions {
  readonly out?: string;
  readonly fresh?: boolean;
}

/** `demo`: the main job on the embedded study of really trained checkpoints. */
export function demoCommand(program: Command, session: Session): void {
  const { terminal } = session;
  withOutputOptions(withLimitOptions(program.command('demo')))
    .description('run the embedded demo study and print SFT beside RL')
    .option('--out <folder>', 'study folder (default: .polarimeter/demo in the checkout)')
    .option('--fresh', 'forget stored results of the demo and compute everything again')
    .option('--brief', 'leave out the definitions below the tables')
    .addHelpText('after', examples(['demo', 'demo --out ./demo-study --fresh']))
    .action(async (options: DemoOptions) => {
      const root = projectRoot();
      const out =
        options.out === undefined ? demoFolder(root, studiesFolder()) : resolve(terminal.folder, options.out);
      const { folder, file } = demoStudy(root, out);
      if (options.fresh) forget(folder, file);
      using study = Study.create(folder, file);
      await runStudy(session, study, limitsFrom(options));
      printResult(terminal, study, { ...options, byModule: true });
    });
}

const STORED = ['results.sqlite', 'results.sqlite-wal', 'results.sqlite-shm'];

/** Deletes stored results, but only of this very study: opening another one in its folder fails with `study-mismatch`. */
function forget(folder: string, file: StudyFile): void {
  Study.create(folder, file)[Symbol.dispose]();
  for (const name of STORED) rmSync(join(folder, name), { force: true });
}

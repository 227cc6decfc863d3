import type { Command } from 'commander';
import { createServices } from '../api/createServices.ts';
import { EXIT } from '../contract/errors.ts';
import { embeddedAvailability } from '../inference/embedded/llamaRuntime.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { doctorChecks } from './doctorChecks.ts';
import type { DoctorDocument } from './documents.ts';
import type { Session } from './Session.ts';
import { writeJson } from './writeJson.ts';

/** `doctor`: what this installation has, for pasting into a report. Exit code 4 without the native core. */
export function doctorCommand(program: Command, session: Session): void {
  const { terminal } = session;
  withOutputOptions(program.command('doctor'))
    .description('check this installation; the output can be pasted into a report')
    .addHelpText('after', examples(['doctor', 'doctor --json']))
    .action(async (options: { json?: boolean }) => {
      const health = createServices((message) => terminal.err(`${message}\n`)).health();
      const document: DoctorDocument = {
        schema: 'polarimeter.doctor/1',
        health,
        checks: doctorChecks(health, await embeddedAvailability()),
      };
      if (options.json) writeJson(terminal, document);
      else terminal.out(doctorText(document));
      if ('error' in health.engine) session.exitCode = EXIT.resource;
    });
}

function doctorText({ checks }: DoctorDocument): string {
  const width = Math.max(...checks.map(({ title }) => title.length));
  const indent = ' '.repeat(width + 2 + 'broken  '.length);
  return checks
    .map(({ title, state, detail }) => {
      const lines = detail.split('\n').join(`\n${indent}`);
      return `${title.padEnd(width)}  ${state.padEnd(6)}  ${lines}\n`;
    })
    .join('');
}

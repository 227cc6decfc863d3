import type { Command } from 'commander';
import type { Session } from './Session.ts';
import { studyConsensusCommand } from './studyConsensus.ts';
import { studyCurvesCommand } from './studyCurves.ts';
import { studyEditCommand } from './studyEdit.ts';
import { studyLogCommand } from './studyLog.ts';
import { studyRowsCommand } from './studyRows.ts';
import { studyRunCommands } from './studyRun.ts';
import { studyShowCommand } from './studyShow.ts';
import { studyStatusCommand } from './studyStatus.ts';
import { studyStepsCommand } from './studySteps.ts';

/** `study run|resume|status|show|rows|curves|steps|consensus|log|edit`: work with a study folder that exists. */
export function studyCommand(program: Command, session: Session): void {
  const study = program.command('study').description('run, resume, show or edit a study that exists');
  studyRunCommands(study, session);
  studyStatusCommand(study, session);
  studyShowCommand(study, session);
  studyRowsCommand(study, session);
  studyCurvesCommand(study, session);
  studyLogCommand(study, session);
  studyStepsCommand(study, session);
  studyConsensusCommand(study, session);
  studyEditCommand(study, session);
}

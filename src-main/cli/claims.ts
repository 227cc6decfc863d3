import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { resolve } from 'node:path';
import { studyClaims } from '../claims/readClaims.ts';
import { VERDICTS, type Verdict } from '../contract/claim.ts';
import { Study } from '../study/Study.ts';
import { claimsText } from './claimsText.ts';
import { list } from './optionValues.ts';
import type { Session } from './Session.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { writeJson } from './writeJson.ts';

interface ClaimsOptions {
  readonly json?: boolean;
  readonly verdict?: readonly Verdict[];
}

/** `claims STUDY`: what the stored results say about published claims. Computes nothing but the verdicts. */
export function claimsCommand(program: Command, { terminal }: Session): void {
  withOutputOptions(program.command('claims'))
    .argument('<study>', 'the study folder, or its study.json')
    .description('hold published claims about SFT and RL against the stored results of a study')
    .option('--verdict <words>', `only these: ${Object.keys(VERDICTS).join(', ')}`, verdicts)
    .addHelpText(
      'after',
      examples(['claims ./base.polarimeter', 'claims ./base.polarimeter --verdict supported,contradicted']),
    )
    .action(async (path: string, { json, verdict }: ClaimsOptions) => {
      using study = Study.open(resolve(terminal.folder, path));
      const all = await studyClaims(study);
      const readings = all.readings.filter((reading) => verdict?.includes(reading.verdict) ?? true);
      const shown = { ...all, readings };
      if (json) writeJson(terminal, shown);
      else terminal.out(claimsText(shown, terminal));
    });
}

function verdicts(text: string, previous: readonly string[] = []): string[] {
  const words = list(text, previous);
  const stranger = words.find((word) => !Object.hasOwn(VERDICTS, word));
  if (stranger !== undefined)
    throw new InvalidArgumentError(
      `There is no verdict "${stranger}"; choose of ${Object.keys(VERDICTS).join(', ')}.`,
    );
  return words;
}

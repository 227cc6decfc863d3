import type { Command } from 'commander';
import { measureInfo } from '../measures/registry.ts';
import { chooseMeasures } from './chooseMeasures.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { definitions } from './definitions.ts';
import type { Session } from './Session.ts';
import { writeJson } from './writeJson.ts';

/** `measures [IDS…]`: the registry, with formulas, units, baselines and sources. */
export function measuresCommand(program: Command, { terminal }: Session): void {
  withOutputOptions(program.command('measures'))
    .argument('[ids...]', 'only these, by id or its first words')
    .description('list the measures: formula, unit, baseline, aggregation, source')
    .addHelpText('after', examples(['measures', 'measures angles update.unchanged', 'measures --json']))
    .action((ids: string[], options: { json?: boolean }) => {
      const all = measureInfo();
      const measures = ids.length === 0 ? all : chooseMeasures(all, ids);
      if (options.json) writeJson(terminal, { schema: 'polarimeter.measures/1', measures });
      else terminal.out(definitions(measures, terminal.columns));
    });
}

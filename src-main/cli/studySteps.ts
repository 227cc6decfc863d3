import type { Command } from 'commander';
import { resolve } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import { formatCount, formatValue } from '../contract/format.ts';
import { STEP_BINS, type StepsDocument } from '../contract/stripes.ts';
import { Kernels } from '../kernels/Kernels.ts';
import { stepsDocument } from '../study/stepsDocument.ts';
import { Study } from '../study/Study.ts';
import { selectedVariants } from './rowsQuery.ts';
import type { Session } from './Session.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { renderTable } from './table.ts';
import { withInterrupt } from './withInterrupt.ts';
import { writeJson } from './writeJson.ts';

interface StepsOptions {
  readonly json?: boolean;
  readonly variant?: string;
}

/** `study steps STUDY TENSOR`: how far weights of which magnitude moved, in bf16 steps, of one variant. */
export function studyStepsCommand(study: Command, { terminal }: Session): void {
  withOutputOptions(study.command('steps'))
    .argument('<study>', 'the study folder, or its study.json')
    .argument('<tensor>', 'name of a tensor, as `study rows --level tensor` prints it')
    .description('print how far weights of which magnitude moved, in bf16 steps')
    .option('--variant <label>', 'the variant; may be left out where there is only one')
    .addHelpText(
      'after',
      examples(['study steps ./base.polarimeter model.layers.0.self_attn.q_proj.weight --variant rl']),
    )
    .action(async (path: string, tensor: string, { variant, json }: StepsOptions) => {
      using opened = Study.open(resolve(terminal.folder, path));
      const labels = selectedVariants(opened, variant === undefined ? {} : { variant: [variant] });
      if (labels.length > 1) {
        throw new PolarimeterError('usage', `choose one of the variants: ${labels.join(', ')}`, '--variant');
      }
      using kernels = new Kernels();
      const pair = opened.pairSources(tensor, labels);
      const steps = await withInterrupt(terminal, (signal) => stepsDocument(kernels, pair, signal));
      if (json) writeJson(terminal, steps);
      else terminal.out(stepsText(steps, terminal.columns));
    });
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** A line per binary exponent, the largest weights first: shares of its weights by how many steps they moved. */
function stepsText({ variant, reference, invalid, magnitudes }: StepsDocument, width: number): string {
  const lines = magnitudes.toReversed().map(({ exponent, weights, up, down }) => {
    const moved = up.map((count, bin) => count + (down[bin] ?? 0));
    const changed = weights - (moved[0] ?? 0);
    const upShare = changed === 0 ? 'n/a' : formatValue(sum(up.slice(1)) / changed, 'share');
    return [
      exponent === null ? '0, subnormal' : `2^${String(exponent)}`,
      formatCount(weights),
      upShare,
      ...moved.map((count) => formatValue(count / weights, 'share')),
    ];
  });
  const columns = [
    { header: ['weights', 'from'], align: 'left' as const },
    { header: ['weights'], align: 'right' as const },
    { header: ['of changed,', 'up'], align: 'right' as const },
    ...STEP_BINS.map((bin) => ({ header: [bin, 'steps'], align: 'right' as const })),
  ];
  const table = renderTable({ columns, lines: lines.map((cells) => ({ cells })) }, { width });
  const left = invalid === 0 ? '' : `${formatCount(invalid)} weights are NaN or infinite on either side.\n`;
  return `${variant} against ${reference}: share of weights by bf16 steps\n\n${table}${left}`;
}

import { PER_NORM } from './measure.ts';
import type { Row } from './rows.ts';
import { shellWord } from './shellWord.ts';

const isText = (value: unknown): value is string => typeof value === 'string';

/** The other variants that a value of a pair or of a set of runs belongs to. */
function partners({ parameters }: Row): string[] {
  return isText(parameters['with']) ? parameters['with'].split(', ') : [];
}

/** Layers and modules that the value is over: its own place, or else the part of the model that was asked for. */
function partOptions({ layer, module, level, parameters }: Row): string[] {
  const layers = layer === null ? parameters['layers'] : String(layer);
  const modules = module === null || level === 'layer' ? parameters['modules'] : module;
  return [
    ...(isText(layers) ? ['--layers', layers.replaceAll(', ', ',')] : []),
    ...(isText(modules) ? ['--modules', modules.replaceAll(', ', ',')] : []),
  ];
}

/** The command line that prints a stored value again, as JSON. */
export function reproduction(row: Row, folder: string): string {
  const words = [
    'polarimeter',
    'study',
    'rows',
    folder,
    '--measures',
    row.measure,
    '--variant',
    [row.variant, ...partners(row)].join(','),
    '--level',
    row.level,
    ...partOptions(row),
    ...(row.unit.endsWith(PER_NORM) ? ['--per-norm'] : []),
    '--json',
  ];
  return words.map(shellWord).join(' ');
}

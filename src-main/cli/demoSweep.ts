import { join } from 'node:path';
import { must } from '../base/assert.ts';
import { demoFolder, demoProbes, demoStudy, DEMO_SETTINGS } from '../api/demoStudy.ts';
import { projectRoot } from '../api/projectRoot.ts';
import { studiesFolder } from '../api/stateFolder.ts';
import { SweepFile } from '../contract/sweep.ts';
import { Study } from '../study/Study.ts';

/** Repairs of the demo's SFT checkpoint: with their controls 27 recipes. */
const GRID = [
  { kind: 'reset-layers', shares: [1 / 3, 1 / 2] },
  { kind: 'restore', directions: [8, 32, 64] },
  { kind: 'restore', directions: [16], part: ['head-and-tail'] },
  { kind: 'restore', directions: [32], what: ['values'] },
  { kind: 'interpolate', amounts: [0.25, 0.5] },
];

/**
 * The sweep of the demo study, and its folder there. It restores from base and not from the best checkpoint of the SFT run, whose lead over
 * base is within chance.
 */
export function demoSweep(): { folder: string; file: SweepFile } {
  const root = projectRoot();
  const { folder, file: study } = demoStudy(root, demoFolder(root, studiesFolder()));
  Study.create(folder, study)[Symbol.dispose]();
  const variant = (label: string): { label: string; path: string } => {
    const found = study.variants.find((each) => each.label === label);
    return { label, path: must(found, 'a variant of the demo').path };
  };
  const file = SweepFile.parse({
    schema: 'polarimeter.sweep/1',
    name: 'Repairs of the demo',
    target: variant('sft'),
    donor: { label: 'base', path: study.base.path },
    others: [variant('rl-seed1')],
    probes: demoProbes(root),
    grid: GRID,
    controls: { randomLayers: 1 },
    settings: DEMO_SETTINGS,
  });
  return { folder: join(folder, 'sweeps', 'demo'), file };
}

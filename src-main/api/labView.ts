import { must } from '../base/assert.ts';
import { describeTensors } from '../architecture/describeTensors.ts';
import type { Checkpoint } from '../contract/checkpoint.ts';
import type { LabView } from '../contract/sweep.ts';
import type { Study } from '../study/Study.ts';
import { DEMO_SETTINGS, isDemoModel } from './demoStudy.ts';
import { knownProbes } from './knownProbes.ts';
import type { LabSweeps } from './LabSweeps.ts';
import { projectRoot } from './projectRoot.ts';

/** The smaller side of the smallest matrix of the layers: how many directions every matrix has. */
function smallestSide(checkpoint: Checkpoint): number | null {
  const roles = describeTensors(checkpoint);
  const sides = checkpoint.tensors.flatMap(({ shape }, index) => {
    const role = roles[index];
    return role?.layer !== null && role?.kind === 'matrix' && shape.length === 2 ? [Math.min(...shape)] : [];
  });
  return sides.length === 0 ? null : Math.min(...sides);
}

/** What can be swept in a study: its models, the probes that are known for it, and the sweeps it has. */
export async function labView(study: Study, sweeps: LabSweeps): Promise<LabView> {
  const { engine } = sweeps;
  const checkpoint = (label: string): Checkpoint =>
    must(study.checkpoints.get(label), `checkpoint of ${label}`);
  const base = checkpoint('base');
  const labelled = [
    { label: 'base', role: 'base' },
    ...study.file.variants.map(({ label, role }) => ({ label, role })),
  ];
  return {
    embedded: await engine.embedded(),
    models: labelled.map(({ label, role }) => {
      const { path, bytes } = checkpoint(label);
      return { label, role, path, bytes, obstacle: engine.obstacle(checkpoint(label)) };
    }),
    layers: [...study.layers],
    modules: [...study.modules],
    smallestSide: smallestSide(base),
    probes: knownProbes(
      study.folder,
      base.path,
      sweeps.documents(study.folder).flatMap(({ file }) => file.probes),
    ),
    settings: isDemoModel(projectRoot(), base.path) ? DEMO_SETTINGS : null,
    sweeps: sweeps.list(study.folder),
  };
}

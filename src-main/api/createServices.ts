import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { browseFolder } from '../checkpoint/browseFolder.ts';
import { checkpointRoots } from '../checkpoint/checkpointRoots.ts';
import { inspectPath } from '../study/inspectPath.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { Health } from '../contract/routes.ts';
import { sweepServices } from '../experiments/services.ts';
import type { SweepServices } from '../experiments/SweepServices.ts';
import { embeddedAvailability } from '../inference/embedded/llamaRuntime.ts';
import { Kernels } from '../kernels/Kernels.ts';
import { defaultLimits } from '../study/limits.ts';
import { Study } from '../study/Study.ts';
import { CheckpointScanner } from './CheckpointScanner.ts';
import type { Services } from './createHandler.ts';
import { demoFolder, demoStudy } from './demoStudy.ts';
import { experimentEngine } from './experimentEngine.ts';
import { exportTrial } from './exportTrial.ts';
import { LabSweeps } from './LabSweeps.ts';
import { OwnRoots } from './OwnRoots.ts';
import { projectRoot } from './projectRoot.ts';
import { RecentStudies } from './RecentStudies.ts';
import { stateFolder, studiesFolder } from './stateFolder.ts';
import { staticFiles } from './staticFiles.ts';
import { StudyHub } from './StudyHub.ts';

/** Loads the native core on first use, once; a failure is tried again, because `npm run setup` may have run since. */
function kernelsOnDemand(): () => Kernels {
  let kernels: Kernels | null = null;
  return () => (kernels ??= new Kernels());
}

function engineHealth(kernels: () => Kernels): Health['engine'] {
  try {
    const { isa, threads, blas } = kernels().capabilities();
    if ('message' in blas) return { error: blas.message };
    return { isa, threads, blas: blas.config, blasCore: blas.core };
  } catch (error) {
    if (error instanceof PolarimeterError) return { error: error.message };
    throw error;
  }
}

function labSweeps(kernels: () => Kernels, log: (message: string) => void): LabSweeps {
  const services = (): SweepServices =>
    sweepServices(kernels(), { memoryBytes: defaultLimits().memoryBytes, env: process.env });
  const engine = experimentEngine({
    services,
    embedded: embeddedAvailability,
    exportTrial: (trial, request, { folder }) =>
      exportTrial(trial, request, { folder, services: services(), kernels: kernels() }),
  });
  return new LabSweeps(engine, log);
}

/** The real services of this process. `log` gets what users need not see; by default it goes to stderr. */
export function createServices(
  log: (message: string) => void = (message) => console.error(message),
): Services {
  const root = projectRoot();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const kernels = kernelsOnDemand();
  const studies = studiesFolder();
  const hub = new StudyHub({
    studies: Study,
    demo: () => demoStudy(root, demoFolder(root, studies)),
    kernels,
    defaultLimits,
    recent: new RecentStudies(stateFolder(), log),
    studiesFolder: studies,
    log,
  });
  return {
    hub,
    sweeps: labSweeps(kernels, log),
    checkpoints: new CheckpointScanner(checkpointRoots(), new OwnRoots(stateFolder()), log),
    health: () => ({
      version,
      platform: `${process.platform} ${process.arch}`,
      node: process.versions.node,
      pid: process.pid,
      engine: engineHealth(kernels),
      memoryBytes: totalmem(),
    }),
    browse: browseFolder,
    inspect: inspectPath,
    pages: staticFiles(join(root, 'out', 'renderer')),
    log,
  };
}

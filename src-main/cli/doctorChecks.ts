import { accessSync, constants, existsSync } from 'node:fs';
import { cpus, freemem, release, totalmem } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { stateFolder } from '../api/stateFolder.ts';
import { formatCount } from '../contract/format.ts';
import type { EmbeddedAvailability } from '../contract/evaluator.ts';
import type { Health } from '../contract/routes.ts';
import { formatBytes } from '../contract/units.ts';
import { defaultLimits } from '../study/limits.ts';
import type { DoctorDocument } from './documents.ts';
import { projectRoot } from '../api/projectRoot.ts';

type Check = DoctorDocument['checks'][number];

/** A run keeps the shards of every checkpoint open; fewer than this is soon too few. */
const FEW_FILES = 256;

/** Every part that this installation needs or can use, and whether it is there. */
export function doctorChecks(health: Health, inference: EmbeddedAvailability): Check[] {
  const limits = defaultLimits();
  return [
    { title: 'Polarimeter', state: 'ok', detail: `${health.version} in ${projectRoot()}` },
    { title: 'Platform', state: 'ok', detail: `${health.platform}, ${release()}` },
    { title: 'Node', state: 'ok', detail: health.node },
    {
      title: 'Processor',
      state: 'ok',
      detail: `${cpus()[0]?.model ?? 'unknown'}, ${formatCount(cpus().length)} cores`,
    },
    ...engineChecks(health.engine),
    inferenceCheck(inference),
    {
      title: 'Memory',
      state: 'ok',
      detail: `${formatBytes(totalmem())}, ${formatBytes(freemem())} free; default budget ${formatBytes(limits.memoryBytes)}`,
    },
    openFiles(),
    stateCheck(stateFolder()),
    fileCheck(
      'Workbench pages',
      join(projectRoot(), 'out', 'renderer', 'index.html'),
      'not built: npm run setup',
    ),
    fileCheck(
      'Demo study',
      join(projectRoot(), 'resources', 'demo', 'study.json'),
      'not in this installation',
    ),
    electronCheck(),
    chromiumCheck(),
  ];
}

function engineChecks(engine: Health['engine']): Check[] {
  if ('error' in engine) return [{ title: 'Native core', state: 'broken', detail: engine.error }];
  const { isa, threads, blas, blasCore } = engine;
  return [
    { title: 'Native core', state: 'ok', detail: `${isa}, ${formatCount(threads)} threads` },
    { title: 'BLAS', state: 'ok', detail: `${blas}; kernels for ${blasCore}${forcedKernels()}` },
  ];
}

/** Without it models can still be asked at an address. */
function inferenceCheck({ engine, devices, reason }: EmbeddedAvailability): Check {
  return {
    title: 'Inference',
    state: engine === null ? 'absent' : 'ok',
    detail: engine === null ? (reason ?? 'not there') : `${engine}: ${devices.join(', ')}`,
  };
}

/** An environment that names older kernels can cost half the speed of the decompositions. */
function forcedKernels(): string {
  const forced = process.env['OPENBLAS_CORETYPE'];
  return forced ? `, because OPENBLAS_CORETYPE=${forced} is set` : '';
}

function openFiles(): Check {
  const { userLimits } = process.report.getReport() as {
    userLimits?: { open_files?: { soft?: number | string } };
  };
  const soft = userLimits?.open_files?.soft;
  if (soft === undefined)
    return { title: 'Open files', state: 'absent', detail: 'this system has no such limit' };
  const few = typeof soft === 'number' && soft < FEW_FILES;
  return { title: 'Open files', state: few ? 'broken' : 'ok', detail: `ulimit -n ${String(soft)}` };
}

/** The state folder is made on first use, so what counts is the first folder above it that exists. */
function stateCheck(folder: string): Check {
  let existing = folder;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  try {
    accessSync(existing, constants.W_OK);
    return { title: 'State folder', state: 'ok', detail: folder };
  } catch {
    return {
      title: 'State folder',
      state: 'broken',
      detail: `${folder} cannot be written; set POLARIMETER_STATE`,
    };
  }
}

function fileCheck(title: string, path: string, otherwise: string): Check {
  return existsSync(path)
    ? { title, state: 'ok', detail: path }
    : { title, state: 'absent', detail: otherwise };
}

function electronCheck(): Check {
  const folder =
    process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(projectRoot(), 'node_modules', 'electron', 'dist');
  const names = ['electron', 'electron.exe', join('Electron.app', 'Contents', 'MacOS', 'Electron')];
  const found = names.map((name) => join(folder, name)).find((path) => existsSync(path));
  return found === undefined
    ? { title: 'Electron', state: 'absent', detail: 'no desktop window; the workbench opens in a browser' }
    : { title: 'Electron', state: 'ok', detail: found };
}

function chromiumCheck(): Check {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = folders.flatMap((folder) =>
    ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)),
  );
  const found = paths.find((path) => existsSync(path));
  return found === undefined
    ? { title: 'Chromium', state: 'absent', detail: 'not on the PATH; only the browser tests need it' }
    : { title: 'Chromium', state: 'ok', detail: found };
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { CheckpointScanner } from '../../src-main/api/CheckpointScanner.ts';
import { createHandler, type Services } from '../../src-main/api/createHandler.ts';
import { LabSweeps } from '../../src-main/api/LabSweeps.ts';
import { OwnRoots } from '../../src-main/api/OwnRoots.ts';
import { RecentStudies } from '../../src-main/api/RecentStudies.ts';
import { StudyHub, type HubServices } from '../../src-main/api/StudyHub.ts';
import { browseFolder } from '../../src-main/checkpoint/browseFolder.ts';
import { inspectPath } from '../../src-main/study/inspectPath.ts';
import { StudyOptions, type StudyFile } from '../../src-main/contract/study.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { Study } from '../../src-main/study/Study.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { plantedSweeps } from './plantedSweeps.ts';
import { gaussian, plus, scale } from '../fixtures/matrix.ts';

const LIMITS = { memoryBytes: 2 ** 30, threads: 2 };

/** A checkpoint of square matrices; the same seed gives the same weights. */
export function smallCheckpoint(folder: string, seed: number, { side = 32, layers = 3 } = {}): string {
  const tensors = Array.from({ length: layers }, (_, layer) => {
    const base = scale(gaussian(side, side, layer + 1), 0.02);
    const data = seed === 0 ? base : plus(base, scale(gaussian(side, side, 1000 * seed + layer), 1e-3));
    return {
      name: `model.layers.${String(layer)}.self_attn.q_proj.weight`,
      dtype: 'BF16',
      shape: [side, side],
      data: data.values,
    };
  });
  return writeCheckpoint(folder, { tensors });
}

export interface Workbench {
  readonly hub: StudyHub;
  readonly services: Services;
  readonly recent: RecentStudies;
  readonly log: readonly string[];
  readonly base: string;
  readonly sft: string;
  readonly rl: string;
  /** A call as a page makes it, without a socket. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<Response>;
  /** The JSON of a call that is expected to succeed. */
  readonly get: (path: string) => Promise<unknown>;
  readonly post: (path: string, body?: unknown) => Promise<unknown>;
}

/** The real handler on real checkpoints, kernels and studies in a temporary folder; parts can be replaced to make them fail. */
export function workbench(
  home: string,
  replaced: Partial<HubServices> & { side?: number; sweeps?: LabSweeps } = {},
): Workbench {
  mkdirSync(home, { recursive: true });
  const { side = 32, sweeps = new LabSweeps(plantedSweeps().engine, () => undefined), ...parts } = replaced;
  const base = smallCheckpoint(join(home, 'base'), 0, { side });
  const sft = smallCheckpoint(join(home, 'sft'), 1, { side });
  const rl = smallCheckpoint(join(home, 'rl'), 2, { side });
  const log: string[] = [];
  const recent = new RecentStudies(join(home, 'state'), (message) => log.push(message));
  const kernels = new Kernels({ threads: 2 });
  const hub = new StudyHub({
    studies: Study,
    demo: () => ({ folder: join(home, 'demo'), file: studyFile(base, sft) }),
    kernels: () => kernels,
    defaultLimits: () => LIMITS,
    recent,
    studiesFolder: join(home, 'studies'),
    log: (message) => log.push(message),
    ...parts,
  });
  afterAll(async () => {
    await sweeps.close();
    await hub.close();
    kernels[Symbol.dispose]();
  });
  const checkpoints = new CheckpointScanner([home], new OwnRoots(join(home, 'state')), (message) =>
    log.push(message),
  );
  const services: Services = {
    hub,
    sweeps,
    checkpoints,
    health: () => ({
      version: '0',
      platform: 'test',
      node: '24',
      pid: 1,
      engine: { error: 'not asked' },
      memoryBytes: 1,
    }),
    browse: browseFolder,
    inspect: inspectPath,
    pages: () => null,
    log: (message) => log.push(message),
  };
  const handler = createHandler(services);
  const call = (method: string, path: string, body?: unknown): Promise<Response> =>
    handler(
      new Request(`http://127.0.0.1:1${path}`, {
        method,
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    );
  const ok = async (reply: Response): Promise<unknown> => {
    if (!reply.ok) throw new Error(`${String(reply.status)} ${await reply.text()}`);
    return reply.json();
  };
  return {
    hub,
    services,
    recent,
    log,
    base,
    sft,
    rl,
    call,
    get: async (path) => ok(await call('GET', path)),
    post: async (path, body) => ok(await call('POST', path, body)),
  };
}

export function studyFile(base: string, sft: string): StudyFile {
  return {
    schema: 'polarimeter.study/1',
    name: 'small',
    base: { path: base },
    variants: [
      { label: 'sft', role: 'sft', path: sft, from: 'base', adapterBase: null, run: null, step: null },
    ],
    options: StudyOptions.parse({ k: 4 }),
    notes: [],
  };
}

/** The body of POST /api/studies for base, SFT and RL from SFT. */
export function newStudy(
  { base, sft, rl }: Pick<Workbench, 'base' | 'sft' | 'rl'>,
  folder: string | null = null,
): object {
  return {
    folder,
    name: 'base, SFT, RL',
    base,
    variants: [
      { label: 'sft', role: 'sft', path: sft },
      { label: 'rl', role: 'rl', path: rl, from: 'sft' },
    ],
    options: { k: 4 },
  };
}

/** The code and place of a refused call. */
export async function refusal(
  reply: Response,
): Promise<{ status: number; code: string; where: string | null }> {
  const { error } = (await reply.json()) as {
    error: { code: string; where: string | null; cause: string; remedy: string };
  };
  return { status: reply.status, code: error.code, where: error.where };
}

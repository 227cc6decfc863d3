import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { CheckpointScanner } from '../../src-main/api/CheckpointScanner.ts';
import { OwnRoots } from '../../src-main/api/OwnRoots.ts';
import { CheckpointScan } from '../../src-main/contract/discovery.ts';
import { MeasureInfo } from '../../src-main/contract/measure.ts';
import { InspectionSummary } from '../../src-main/contract/routes.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { zeros } from '../fixtures/modelLayouts.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { refusal, workbench } from './workbench.ts';

const home = tempFolder();
const bench = workbench(join(home, 'main'));

const scan = async (method: string, path = '', body?: unknown): Promise<CheckpointScan> =>
  CheckpointScan.parse(await (await bench.call(method, `/api/checkpoints${path}`, body)).json());

async function scanned(): Promise<CheckpointScan> {
  await scan('POST', '/scan');
  await expect.poll(async () => (await scan('GET')).state).toBe('done');
  return scan('GET');
}

const tensors = [zeros('model.layers.0.self_attn.q_proj.weight', [4, 4])];
const make = (folder: string, config: Record<string, unknown> = {}): string =>
  writeCheckpoint(folder, { config, tensors });

it('finds checkpoints with what their files say, trajectories by their folder, and what is none with its reason', async () => {
  const runs = join(home, 'main', 'runs');
  const step = make(join(runs, 'x', 'checkpoint-20'), {
    _name_or_path: 'org/plain',
    architectures: ['LlamaForCausalLM'],
  });
  writeFileSync(join(step, 'trainer_state.json'), '{"log_history": [{"reward": 0.1, "loss": 0.2}]}');
  make(join(runs, 'verl', 'global_step_5', 'actor', 'huggingface'));
  mkdirSync(join(runs, 'broken'));
  writeFileSync(join(runs, 'broken', 'model.safetensors'), 'nonsense');
  const { found, rejected, roots, folders } = await scanned();
  expect(roots).toEqual([{ path: join(home, 'main'), kind: 'usual', isThere: true }]);
  expect(folders).toBeGreaterThan(5);
  expect(found.find(({ path }) => path === step)).toMatchObject({
    title: 'x/checkpoint-20',
    step: 20,
    architecture: 'LlamaForCausalLM',
    dtypes: ['BF16'],
    tensors: 1,
    parameters: 16,
    hints: { origin: 'org/plain', logged: 'rl', isTrained: true },
    trajectory: join(runs, 'x'),
  });
  expect(found.find(({ title }) => title.startsWith('verl'))?.trajectory).toBe(join(runs, 'verl'));
  expect(found.map(({ trajectory }) => trajectory).filter((folder) => folder === null)).toHaveLength(3);
  expect(rejected).toEqual([{ path: join(runs, 'broken'), reason: expect.stringContaining('') as string }]);

  const inspected = InspectionSummary.parse(await bench.get(`/api/inspect?path=${encodeURIComponent(step)}`));
  expect(inspected).toMatchObject({ kind: 'checkpoint', hints: { origin: 'org/plain', logged: 'rl' } });
});

it('names the refs of a cached snapshot, and lists it once', async () => {
  const repository = join(home, 'main', 'hub', 'models--org--name');
  for (const commit of ['a', 'b'].map((letter) => letter.repeat(40))) {
    mkdirSync(join(repository, 'snapshots', commit), { recursive: true });
    const blob = join(make(join(home, 'blob')), 'model.safetensors');
    symlinkSync(blob, join(repository, 'snapshots', commit, 'model.safetensors'));
  }
  mkdirSync(join(repository, 'refs'));
  writeFileSync(join(repository, 'refs', 'main'), 'b'.repeat(40));
  const { found } = await scanned();
  expect(found.filter(({ title }) => title.startsWith('org/')).map(({ title }) => title)).toEqual([
    'org/name@bbbbbbb (main)',
  ]);
});

it("keeps the user's own folders, and refuses what is none", async () => {
  const own = join(home, 'elsewhere');
  make(join(own, 'mine'));
  const { roots } = await scan('PUT', '/roots', { roots: [own] });
  expect(roots[0]).toEqual({ path: own, kind: 'own', isThere: true });
  expect((await scanned()).found.map(({ title }) => title)).toContain('mine');
  const later = new CheckpointScanner([], new OwnRoots(join(home, 'main', 'state')), () => undefined);
  expect(later.view().roots.map(({ path }) => path)).toEqual([own]);

  const put = (path: string): Promise<Response> =>
    bench.call('PUT', '/api/checkpoints/roots', { roots: [path] });
  expect(await refusal(await put(join(home, 'nowhere')))).toMatchObject({ code: 'path-not-found' });
  expect(await refusal(await put(join(own, 'mine', 'config.json')))).toMatchObject({ code: 'usage' });
  expect((await scan('GET')).roots[0]?.path).toBe(own);
  expect((await scan('PUT', '/roots', { roots: [] })).roots.map(({ kind }) => kind)).toEqual(['usual']);
});

it('lets other requests through while it searches, and can be cancelled', async () => {
  const many = join(home, 'many');
  for (let i = 0; i < 400; i++) make(join(many, `m${String(i)}`));
  const scanner = new CheckpointScanner([many], new OwnRoots(join(home, 'state-2')), () => undefined);
  expect(scanner.view().state).toBe('idle');
  expect(scanner.scan().state).toBe('scanning');
  let turns = 0;
  while (scanner.view().state === 'scanning') {
    await new Promise((resolve) => setImmediate(resolve));
    turns++;
  }
  expect(scanner.view().found).toHaveLength(400);
  expect(turns).toBeGreaterThan(1);

  scanner.scan();
  await new Promise((resolve) => setImmediate(resolve));
  const cancelled = await scanner.cancel();
  expect(cancelled.state).toBe('cancelled');
  expect(cancelled.found.length).toBeLessThan(400);
});

it('lists all measures for the options of a study', async () => {
  const measures = z.array(MeasureInfo).parse(await bench.get('/api/measures'));
  expect(measures.filter(({ optional }) => optional).map(({ id }) => id)).toContain('svf.explained');
});

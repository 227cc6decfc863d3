import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { StudyId, StudySummary, StudyView } from '../../src-main/contract/routes.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { Study } from '../../src-main/study/Study.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { runCommand } from '../cli/runCommand.ts';
import { newStudy, smallCheckpoint, workbench } from './workbench.ts';

const home = tempFolder();
const bench = workbench(join(home, 'main'));
const LIMITS = { memoryBytes: 2 ** 30, threads: 2 };

/** As a lock of that process would tell it; see RunLock. */
function startOfParent(): string {
  const stat = readFileSync(`/proc/${String(process.ppid)}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

const view = async (id: string): Promise<StudyView> => StudyView.parse(await bench.get(`/api/studies/${id}`));

async function created(name: string): Promise<StudyView> {
  return view(StudyId.parse(await bench.post('/api/studies', newStudy(bench, join(home, name)))).id);
}

it('a run of another process is shown as such, and its end raises the revision', async () => {
  const { id, folder, revision } = await created('elsewhere');
  const study = bench.hub.get(id);
  const told: number[] = [];
  study.subscribe({
    onProgress: () => undefined,
    onLog: () => undefined,
    onStudy: (next) => told.push(next),
    onEnd: () => undefined,
  });
  study.follow();
  expect(told).toEqual([]);

  const lock = join(folder, 'run.lock');
  writeFileSync(lock, `${String(process.ppid)} ${startOfParent()}\n`);
  study.follow();
  expect(told).toEqual([revision + 1]);
  expect((await view(id)).progress).toMatchObject({ state: 'elsewhere', runner: process.ppid, error: null });
  const listed = StudySummary.array().parse(await bench.get('/api/studies'));
  expect(listed.find((each) => each.id === id)?.state).toBe('elsewhere');
  const status = await runCommand(folder, 'study', 'status', '.');
  expect(status.stdout).toBe(
    `base, SFT, RL: running in process ${String(process.ppid)}, 0 of 3 tensors are stored\n`,
  );

  rmSync(lock);
  study.follow();
  expect(told).toEqual([revision + 1, revision + 2]);
  expect(study.latest().progress).toMatchObject({ state: 'idle', runner: null });
});

it('results of another process are noticed', async () => {
  const { id, folder, revision } = await created('results');
  {
    using kernels = new Kernels({ threads: 2 });
    using other = Study.open(folder);
    await other.run(kernels, { limits: LIMITS });
  }
  const study = bench.hub.get(id);
  study.follow();
  expect(study.latest()).toMatchObject({ revision: revision + 1, progress: { state: 'done', done: 3 } });
  study.follow();
  expect(study.latest().revision).toBe(revision + 1);
});

it('a checkpoint that was replaced is opened anew by a run, and once it is settled by a view', async () => {
  const { id, layers, revision } = await created('replaced');
  expect(layers).toEqual([0, 1, 2]);
  const settled = new Date(Date.now() - 60_000);
  smallCheckpoint(bench.rl, 5, { layers: 2 });
  const file = join(bench.rl, 'model.safetensors');
  utimesSync(file, new Date(), new Date());
  expect((await view(id)).variants[1]?.alignment.compared).toBe(3);
  utimesSync(file, settled, settled);
  const after = await view(id);
  expect(after.variants[1]?.alignment.compared).toBe(2);
  expect(after.revision).toBe(revision + 1);

  smallCheckpoint(bench.rl, 6, { layers: 1 });
  await bench.post(`/api/studies/${id}/run`);
  await expect.poll(() => bench.hub.get(id).latest().progress.state, { timeout: 20_000 }).toBe('done');
  expect((await view(id)).variants[1]?.alignment.compared).toBe(1);
});

it('a checkpoint that cannot be opened any more leaves the study readable', async () => {
  const { id } = await created('broken');
  const settled = new Date(Date.now() - 60_000);
  const file = join(bench.sft, 'model.safetensors');
  writeFileSync(file, 'no header');
  utimesSync(file, settled, settled);
  expect((await view(id)).id).toBe(id);
  await bench.post(`/api/studies/${id}/run`);
  expect(bench.hub.get(id).latest().progress).toMatchObject({ state: 'failed', error: { where: file } });
  smallCheckpoint(bench.sft, 1);
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LabSweeps } from '../../src-main/api/LabSweeps.ts';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import { ExportState } from '../../src-main/contract/exportState.ts';
import { StudyId, StudyView } from '../../src-main/contract/routes.ts';
import {
  type ExportTrial,
  LabView,
  SweepDocument,
  SweepPlan,
  SweepProgress,
} from '../../src-main/contract/sweep.ts';
import { SweepRevision } from '../../src-main/contract/sweepEvents.ts';
import { serverSentEvents } from '../../src-renderer/api/serverSentEvents.ts';
import { finishedSweepDocument } from '../fixtures/sweepDocument.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { plantedSweeps } from './plantedSweeps.ts';
import { newStudy, refusal, workbench } from './workbench.ts';

const home = tempFolder();
const { file } = finishedSweepDocument();
const OVER = ['done', 'cancelled', 'failed'];

async function lab(name: string) {
  const { engine, planted } = plantedSweeps();
  const log: string[] = [];
  const sweeps = new LabSweeps(engine, (message) => log.push(message));
  const bench = workbench(join(home, name), { sweeps });
  const { id } = StudyId.parse(await bench.post('/api/studies', newStudy(bench)));
  const { folder } = StudyView.parse(await bench.get(`/api/studies/${id}`));
  const create = async (): Promise<string> =>
    StudyId.parse(await bench.post(`/api/studies/${id}/sweeps`, { file })).id;
  return { bench, planted, sweeps, log, id, folder, create, address: `/api/studies/${id}` };
}

type Lab = Awaited<ReturnType<typeof lab>>;

/** Follows a sweep until it is over: all progress, all revisions, and when each event came. */
async function follow({ bench, address }: Lab, sweep: string) {
  const progress: SweepProgress[] = [];
  const revisions: number[] = [];
  const times: number[] = [];
  const reply = await bench.call('GET', `${address}/sweeps/${sweep}/events`);
  for await (const { event, data } of serverSentEvents(reply.body!)) {
    const value: unknown = JSON.parse(data);
    if (event === 'results') revisions.push(SweepRevision.parse(value).revision);
    if (event !== 'progress') continue;
    times.push(performance.now());
    progress.push(SweepProgress.parse(value));
    if (OVER.includes(progress.at(-1)!.state)) break;
  }
  return { progress, revisions, times };
}

describe('the lab of a study', () => {
  it('says what can be swept: models, what stands against them, probes that lie around, earlier sweeps', async () => {
    const own = await lab('view');
    const problem = (id: string): string =>
      JSON.stringify({ id, prompt: '2+2=', verifier: { kind: 'exact', answer: '4' } });
    mkdirSync(join(own.folder, 'probes'));
    writeFileSync(join(own.folder, 'probes', 'sums-ood.jsonl'), `${problem('1')}\n${problem('2')}\n`);
    writeFileSync(join(own.folder, 'probes', 'other.jsonl'), '{"text": "no problem"}\n');
    const sweep = await own.create();
    const view = LabView.parse(await own.bench.get(`${own.address}/lab`));
    expect(view.embedded.available).toBe(true);
    expect(view.models.map(({ label, role, obstacle }) => [label, role, obstacle])).toEqual([
      ['base', 'base', null],
      ['sft', 'sft', null],
      ['rl', 'rl', 'it has no tokenizer.json'],
    ]);
    expect(view.models[1]!.path).toBe(own.bench.sft);
    expect(view.layers).toEqual([0, 1, 2]);
    expect(view.smallestSide).toBe(32);
    // The probes of the sample are not on this machine.
    expect(view.probes).toEqual([
      {
        name: 'sums-ood',
        kind: 'ood',
        path: join(own.folder, 'probes', 'sums-ood.jsonl'),
        limit: null,
        problems: 2,
      },
    ]);
    expect(view.sweeps).toEqual([{ id: sweep, name: file.name, state: 'idle', trials: 30, done: 0 }]);
  });

  it('plans without making anything', async () => {
    const own = await lab('plan');
    const plan = SweepPlan.parse(await own.bench.post(`${own.address}/sweeps/plan`, { file }));
    expect(plan.trials).toHaveLength(30);
    expect(LabView.parse(await own.bench.get(`${own.address}/lab`)).sweeps).toEqual([]);
  });

  it('runs to the end; a page is told a few times a second, and of every result', async () => {
    const own = await lab('run');
    own.planted.pace = () => new Promise((resolve) => setTimeout(resolve, 1));
    const sweep = await own.create();
    const watched = follow(own, sweep);
    expect(SweepProgress.parse(await own.bench.post(`${own.address}/sweeps/${sweep}/run`)).state).toBe(
      'running',
    );
    const { progress, revisions, times } = await watched;
    expect(progress[0]).toMatchObject({ state: 'idle', done: 0 });
    expect(progress.at(-1)).toMatchObject({ state: 'done', done: 36_000, total: 36_000 });
    // 1200 reports were made in more than a second: ten a second are sent, and the first.
    const seconds = (times.at(-1)! - times[0]!) / 1000;
    expect(progress.length).toBeLessThanOrEqual(Math.ceil(10 * seconds) + 3);
    expect(revisions.length).toBeGreaterThan(3);
    expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
    const document = SweepDocument.parse(await own.bench.get(`${own.address}/sweeps/${sweep}`));
    expect(document.results.every(({ state }) => state === 'done')).toBe(true);
  });

  it('cancels, keeps what was finished, and resumes', async () => {
    const own = await lab('cancel');
    const sweep = await own.create();
    let answers = 0;
    let gate = Promise.resolve();
    let open = (): void => undefined;
    own.planted.pace = () => {
      if (++answers === 100) gate = new Promise((resolve) => (open = resolve));
      return gate;
    };
    const watched = follow(own, sweep);
    await own.bench.post(`${own.address}/sweeps/${sweep}/run`);
    await expect.poll(() => answers).toBe(100);
    expect(await own.bench.post(`${own.address}/sweeps/${sweep}/run`)).toMatchObject({ state: 'running' });
    expect(await own.bench.post(`${own.address}/sweeps/${sweep}/cancel`)).toMatchObject({
      state: 'cancelling',
    });
    open();
    expect((await watched).progress.at(-1)).toMatchObject({ state: 'cancelled', done: 2400 });
    await own.bench.post(`${own.address}/sweeps/${sweep}/run`);
    await expect
      .poll(async () => LabView.parse(await own.bench.get(`${own.address}/lab`)).sweeps)
      .toMatchObject([{ id: sweep, state: 'done', done: 30 }]);
  });

  it('a run that fails says what, where, why and what helps, until it is run again', async () => {
    const own = await lab('fail');
    const sweep = await own.create();
    own.planted.fails = new PolarimeterError('model-too-large', 'the model needs 80 GiB', '/models/sft');
    const watched = follow(own, sweep);
    await own.bench.post(`${own.address}/sweeps/${sweep}/run`);
    const last = (await watched).progress.at(-1)!;
    expect(last).toMatchObject({ state: 'failed', error: { code: 'model-too-large', where: '/models/sft' } });
    expect(last.error!.remedy).not.toBe('');
    const { progress } = SweepDocument.parse(await own.bench.get(`${own.address}/sweeps/${sweep}`));
    expect(progress.state).toBe('failed');
    own.planted.fails = null;
    await own.bench.post(`${own.address}/sweeps/${sweep}/run`);
    await expect
      .poll(
        async () => SweepDocument.parse(await own.bench.get(`${own.address}/sweeps/${sweep}`)).progress.state,
      )
      .toBe('done');
  });

  it('makes comparisons once for each change, however often it is asked', async () => {
    const own = await lab('cache');
    const sweep = await own.create();
    const before = own.planted.documents;
    for (let i = 0; i < 5; i++) await own.bench.get(`${own.address}/sweeps/${sweep}`);
    await own.bench.get(`${own.address}/lab`);
    expect(own.planted.documents).toBe(before + 1);
    // Another process goes on with it: its answers are seen.
    writeFileSync(join(own.folder, 'sweeps', sweep, 'done'), '7');
    const { results } = SweepDocument.parse(await own.bench.get(`${own.address}/sweeps/${sweep}`));
    expect(results.filter(({ state }) => state === 'done')).toHaveLength(7);
  });

  it('two sweeps of one name lie beside each other, and are there for the next server', async () => {
    const own = await lab('names');
    expect([await own.create(), await own.create()]).toEqual([
      'which-repairs-bring-ood-back',
      'which-repairs-bring-ood-back-2',
    ]);
    const next = new LabSweeps(plantedSweeps().engine, () => undefined);
    expect(next.list(own.folder).map(({ id }) => id)).toEqual([
      'which-repairs-bring-ood-back',
      'which-repairs-bring-ood-back-2',
    ]);
  });
});

/** Holds the run or the export at so many steps; returns what lets it go on. */
function heldAt({ planted }: Lab, step: number): () => void {
  let steps = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  planted.pace = () => (++steps >= step ? promise : Promise.resolve());
  return resolve;
}

const exportOf = ({ folder }: Lab, name: string): ExportTrial => ({
  trial: finishedSweepDocument().results[4]!.trial.id,
  as: 'gguf',
  path: join(folder, `${name}.gguf`),
});

/** Follows the exports of a sweep until one is over. */
async function followExport({ bench, address }: Lab, sweep: string): Promise<ExportState[]> {
  const states: ExportState[] = [];
  const reply = await bench.call('GET', `${address}/sweeps/${sweep}/events`);
  for await (const { event, data } of serverSentEvents(reply.body!)) {
    if (event === 'export') states.push(ExportState.parse(JSON.parse(data)));
    if (OVER.includes(states.at(-1)?.state ?? '')) break;
  }
  return states;
}

describe('exports of trials', () => {
  it('say how far they are, and what was written, also to a page that comes later', async () => {
    const own = await lab('export-done');
    const sweep = await own.create();
    const open = heldAt(own, 5);
    const request = exportOf(own, 'a');
    const begun = await own.bench.post(`${own.address}/sweeps/${sweep}/export`, request);
    expect(ExportState.parse(begun)).toMatchObject({ request, state: 'running' });
    const watched = followExport(own, sweep);
    await new Promise((resolve) => setTimeout(resolve, 200));
    open();
    const states = await watched;
    expect(states[0]).toMatchObject({ state: 'running', stage: 'write', done: 4, total: 12 });
    const written = { path: request.path, bytes: 12, notes: ['planted'] };
    expect(states.at(-1)).toMatchObject({ state: 'done', exported: written, error: null });
    expect(await followExport(own, sweep)).toEqual([states.at(-1)]);
  });

  it('are cancelled, and the next one can begin', async () => {
    const own = await lab('export-cancel');
    const sweep = await own.create();
    const open = heldAt(own, 5);
    await own.bench.post(`${own.address}/sweeps/${sweep}/export`, exportOf(own, 'a'));
    expect(await own.bench.post(`${own.address}/sweeps/${sweep}/export/cancel`)).toMatchObject({
      state: 'cancelling',
    });
    const watched = followExport(own, sweep);
    open();
    expect((await watched).at(-1)).toMatchObject({ state: 'cancelled', exported: null, error: null });
    await own.bench.post(`${own.address}/sweeps/${sweep}/export`, exportOf(own, 'b'));
    expect((await followExport(own, sweep)).at(-1)).toMatchObject({ state: 'done' });
  });

  it('that fail say what, where, why and what helps', async () => {
    const own = await lab('export-fail');
    const sweep = await own.create();
    own.planted.fails = new PolarimeterError('disk-space', '80 GiB are to be written', '/models');
    await own.bench.post(`${own.address}/sweeps/${sweep}/export`, exportOf(own, 'a'));
    const { state, error } = (await followExport(own, sweep)).at(-1)!;
    expect(state).toBe('failed');
    expect(error).toMatchObject({ code: 'disk-space', where: '/models' });
    expect(error!.remedy).not.toBe('');
  });
});

describe('what the lab refuses', () => {
  it('paths that are relative to nothing, sweeps that are not there, files that are none', async () => {
    const own = await lab('refused');
    const relative = { file: { ...file, donor: { label: 'base', path: 'base' } } };
    const call = async (path: string, body: unknown) =>
      refusal(await own.bench.call('POST', `${own.address}/sweeps${path}`, body));
    expect(await call('', relative)).toMatchObject({ status: 400, code: 'usage', where: 'base' });
    expect(await call('/plan', relative)).toMatchObject({ code: 'usage', where: 'base' });
    expect(await call('', { file: { ...file, probes: [] } })).toMatchObject({
      code: 'usage',
      where: 'file.probes',
    });
    for (const id of ['other', '..%2F..', 'a%2Fb'])
      expect(await refusal(await own.bench.call('GET', `${own.address}/sweeps/${id}`))).toMatchObject({
        status: 404,
        code: 'not-found',
      });
    expect(await refusal(await own.bench.call('GET', '/api/studies/none/lab'))).toMatchObject({
      status: 404,
    });
  });

  it('exports over what is there, relative ones, and trials that are not', async () => {
    const own = await lab('export');
    const sweep = await own.create();
    const trial = finishedSweepDocument().results[4]!.trial.id;
    const call = (body: object) => own.bench.call('POST', `${own.address}/sweeps/${sweep}/export`, body);
    const there = join(own.folder, 'study.json');
    expect(await refusal(await call({ trial, as: 'recipe', path: there }))).toMatchObject({
      code: 'output-exists',
      where: there,
    });
    expect(await refusal(await call({ trial, as: 'recipe', path: 'x.yaml' }))).toMatchObject({
      code: 'usage',
    });
    const path = join(own.folder, 'x.yaml');
    expect(await refusal(await call({ trial: 'none', as: 'recipe', path }))).toMatchObject({ code: 'usage' });
    expect(
      await refusal(await own.bench.call('POST', `${own.address}/sweeps/${sweep}/export/cancel`)),
    ).toMatchObject({ code: 'usage' });
  });

  it('a second export of a sweep while one is written', async () => {
    const own = await lab('export-busy');
    const sweep = await own.create();
    const open = heldAt(own, 5);
    await own.bench.post(`${own.address}/sweeps/${sweep}/export`, exportOf(own, 'a'));
    const second = await own.bench.call('POST', `${own.address}/sweeps/${sweep}/export`, exportOf(own, 'b'));
    expect(await refusal(second)).toMatchObject({
      status: 409,
      code: 'export-busy',
      where: join(own.folder, 'a.gguf'),
    });
    open();
  });
});

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ClaimsDocument } from '../../src-main/contract/claim.ts';
import { ERROR_KINDS, PolarimeterError } from '../../src-main/contract/errors.ts';
import {
  InspectionSummary,
  Listing,
  StudyId,
  StudySummary,
  StudyView,
} from '../../src-main/contract/routes.ts';
import { CurvesDocument, RowsDocument, type Row } from '../../src-main/contract/rows.ts';
import type { Progress } from '../../src-main/contract/study.ts';
import { TensorsDocument } from '../../src-main/contract/tensors.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { newStudy, refusal, workbench, type Workbench } from './workbench.ts';

const home = tempFolder();
const bench = workbench(join(home, 'main'));

async function created(on: Workbench, folder: string | null = null): Promise<string> {
  return StudyId.parse(await on.post('/api/studies', newStudy(on, folder))).id;
}

async function finished(on: Workbench, id: string): Promise<Progress> {
  await on.post(`/api/studies/${id}/run`);
  for (;;) {
    const { progress } = StudyView.parse(await on.get(`/api/studies/${id}`));
    if (!['planning', 'running', 'cancelling'].includes(progress.state)) return progress;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a study over the API', () => {
  it('is created, viewed, run and read, each reply in the shape of the contract', async () => {
    const id = await created(bench);
    const before = StudyView.parse(await bench.get(`/api/studies/${id}`));
    expect(before.progress).toMatchObject({ state: 'idle', done: 0, total: 3 });
    expect(
      before.variants.map(({ label, alignment }) => [label, alignment.reference, alignment.compared]),
    ).toEqual([
      ['sft', 'base', 3],
      ['rl', 'sft', 3],
    ]);
    expect(before.estimate).toMatchObject({ tensors: 3, cached: 0 });

    expect(await finished(bench, id)).toMatchObject({ state: 'done', done: 3, total: 3, error: null });
    const { rows } = RowsDocument.parse(
      await bench.get(
        `/api/studies/${id}/rows?level=overall&measure=update.relative-norm&measure=update.norm`,
      ),
    );
    expect(rows.map(({ variant, measure }) => `${variant} ${measure}`).sort()).toEqual([
      'rl update.norm',
      'rl update.relative-norm',
      'sft update.norm',
      'sft update.relative-norm',
    ]);
    for (const row of rows) expect(row.value).toBeGreaterThan(0);
  });

  it('lists its tensors, and rows of one tensor are those among the rows of all', async () => {
    const id = await created(bench, join(home, 'directory'));
    await finished(bench, id);
    const directory = TensorsDocument.parse(await bench.get(`/api/studies/${id}/tensors`));
    expect(directory).toMatchObject({ variants: ['sft', 'rl'], fates: [{ compared: [0, 1] }] });
    expect(directory.tensors.map(({ layer }) => layer)).toEqual([0, 1, 2]);
    const tensor = directory.tensors[1]!.name;
    const rows = async (query: string): Promise<Row[]> =>
      RowsDocument.parse(await bench.get(`/api/studies/${id}/rows?level=tensor${query}`)).rows;
    const all = await rows('');
    expect(await rows(`&tensor=${tensor}`)).toEqual(all.filter((row) => row.tensor === tensor));
    expect(all.length).toBeGreaterThan(100);
    const two = await rows(`&tensor=${tensor}&tensor=${directory.tensors[2]!.name}&measure=update.norm`);
    expect(two.map(({ layer }) => layer)).toEqual([1, 2, 1, 2]);
    const matched = `&tensor=${tensor}&per=update-norm`;
    expect(await rows(matched)).toEqual(
      (await rows('&per=update-norm')).filter((row) => row.tensor === tensor),
    );

    const wrong = await bench.call(
      'GET',
      `/api/studies/${id}/rows?tensor=${tensor.replace('q_proj', 'k_proj')}`,
    );
    const { error } = (await wrong.clone().json()) as { error: { message: string } };
    expect(error.message).toContain(`did you mean ${tensor}`);
    expect(await refusal(wrong)).toMatchObject({ status: 400, code: 'usage', where: 'tensor' });
  });

  it('is held against every published claim, before and after it is run', async () => {
    const id = await created(bench, join(home, 'claimed'));
    const read = async (): Promise<ClaimsDocument> =>
      ClaimsDocument.parse(await bench.get(`/api/studies/${id}/claims`));
    const verdictOf = ({ readings }: ClaimsDocument, claim: string): string | undefined =>
      readings.find((reading) => reading.claim.id === claim)?.verdict;
    const before = await read();
    expect(verdictOf(before, 'updates-have-full-rank')).toBe('not-applicable');
    await finished(bench, id);
    const after = await read();
    expect(after).toMatchObject({ study: 'base, SFT, RL', conflicts: before.conflicts });
    // Gaussian updates of three square matrices: full rank, and too few matrices for a verdict on their place.
    expect(verdictOf(after, 'updates-have-full-rank')).toBe('supported');
    expect(verdictOf(after, 'energy-toward-principals')).toBe('open');
    expect(after.readings).toHaveLength(before.readings.length);
  });

  it('gives the curves of a tensor, and names what it does not compare', async () => {
    const id = await created(bench, join(home, 'curved'));
    await finished(bench, id);
    const rows = RowsDocument.parse(await bench.get(`/api/studies/${id}/rows?level=tensor`)).rows;
    const tensor = rows[0]?.tensor ?? '';
    const { curves } = CurvesDocument.parse(await bench.get(`/api/studies/${id}/curves?tensor=${tensor}`));
    expect(curves.map(({ name }) => name)).toContain('update-spectrum');
    for (const query of ['', '?tensor=nothing']) {
      const reply = await bench.call('GET', `/api/studies/${id}/curves${query}`);
      expect(reply.status).toBe(400);
    }
  });

  it('computes nothing again when everything is stored', async () => {
    const id = await created(bench, join(home, 'twice'));
    await finished(bench, id);
    expect(await finished(bench, id)).toMatchObject({ state: 'done', done: 3, cached: 3 });
  });

  it("goes to a folder of its own below the user's studies when none is named", async () => {
    const id = await created(bench);
    const { folder } = StudyView.parse(await bench.get(`/api/studies/${id}`));
    expect(folder).toMatch(/studies[/\\]base-sft-rl-\d+$/);
  });

  it('is listed among the recent studies with its state, newest first', async () => {
    const id = await created(bench, join(home, 'listed'));
    await finished(bench, id);
    const listed = StudySummary.array().parse(await bench.get('/api/studies'));
    expect(listed[0]).toMatchObject({ id, name: 'base, SFT, RL', variants: ['sft', 'rl'], state: 'done' });
  });

  it('keeps its id over a restart of the server, and drops out of the list with its folder', async () => {
    const folder = join(home, 'restarted');
    const id = await created(bench, folder);
    const later = workbench(join(home, 'main'));
    expect(StudyView.parse(await later.get(`/api/studies/${id}`)).folder).toBe(folder);
    rmSync(folder, { recursive: true });
    const third = workbench(join(home, 'main'));
    expect(
      StudySummary.array()
        .parse(await third.get('/api/studies'))
        .map((each) => each.id),
    ).not.toContain(id);
  });

  it('is the same study when its folder or study.json is opened', async () => {
    const folder = join(home, 'opened');
    const id = await created(bench, folder);
    expect(await bench.post('/api/studies/open', { path: folder })).toEqual({ id });
    expect(await bench.post('/api/studies/open', { path: join(folder, 'study.json') })).toEqual({ id });
  });

  it('opens the demo in a folder of its own', async () => {
    const { id } = StudyId.parse(await bench.post('/api/demo'));
    expect(await bench.post('/api/demo')).toEqual({ id });
    expect(StudyView.parse(await bench.get(`/api/studies/${id}`)).folder).toBe(join(home, 'main', 'demo'));
  });
});

describe('looking around', () => {
  it('lists folders and checkpoints', async () => {
    const listing = Listing.parse(
      await bench.get(`/api/browse?path=${encodeURIComponent(join(home, 'main'))}`),
    );
    expect(listing.parent).toBe(home);
    expect(listing.entries).toContainEqual({ name: 'base', path: bench.base, kind: 'checkpoint' });
  });

  it('says what a path is, without its tensors', async () => {
    const found = InspectionSummary.parse(
      await bench.get(`/api/inspect?path=${encodeURIComponent(bench.base)}`),
    );
    expect(found).toMatchObject({
      kind: 'checkpoint',
      checkpoint: { tensorCount: 3, parameters: 3072, dtypes: ['BF16'] },
    });
    expect(found).not.toHaveProperty('checkpoint.tensors');
  });
});

describe('refusals name their code, place and status', () => {
  const id = 'AAAAAAAAAAAAAAAA';
  it.each([
    ['GET', `/api/studies/${id}`, undefined, 404, 'not-found', id],
    ['POST', `/api/studies/${id}/run`, undefined, 404, 'not-found', id],
    ['GET', `/api/studies/${id}/claims`, undefined, 404, 'not-found', id],
    ['GET', `/api/studies/${id}/events`, undefined, 404, 'not-found', id],
    ['GET', '/api/nothing', undefined, 404, 'not-found', '/api/nothing'],
    ['GET', '/', undefined, 404, 'not-found', '/'],
    ['GET', '/api/browse?path=/nowhere/at/all', undefined, 404, 'path-not-found', '/nowhere/at/all'],
    ['GET', '/api/inspect', undefined, 400, 'usage', 'path'],
    ['POST', '/api/studies/open', '{"path":', 400, 'usage', null],
    ['POST', '/api/studies/open', '{}', 400, 'usage', 'path'],
    ['POST', '/api/studies/open', '{"path":"/nowhere"}', 404, 'study-not-found', '/nowhere'],
    ['POST', '/api/studies', '{"name":"n","base":"/b","variants":[]}', 400, 'usage', 'variants'],
    [
      'POST',
      '/api/studies',
      '{"name":"n","base":"/b","variants":[{"label":"<b>","role":"sft","path":"/v"}]}',
      400,
      'usage',
      'variants.0.label',
    ],
    [
      'POST',
      '/api/studies',
      '{"name":"n","base":"/nowhere/b","variants":[{"label":"v","role":"sft","path":"/nowhere/v"}]}',
      404,
      'path-not-found',
      '/nowhere/b',
    ],
    [
      'POST',
      '/api/studies/open',
      JSON.stringify({ path: 'x'.repeat(2 ** 20) }),
      413,
      'payload-too-large',
      null,
    ],
  ])('%s %s', async (method, path, body, status, code, where) => {
    expect(await refusal(await bench.call(method, path, body))).toEqual({ status, code, where });
  });

  it('a misspelled measure is an error, not an empty list', async () => {
    const study = await created(bench);
    const reply = await bench.call('GET', `/api/studies/${study}/rows?measure=update.nrom`);
    expect(await refusal(reply)).toEqual({ status: 400, code: 'usage', where: 'update.nrom' });
    const level = await bench.call('GET', `/api/studies/${study}/rows?level=everything`);
    expect((await refusal(level)).code).toBe('usage');
  });

  it('a bug is a 500 without its insides, and the log has them', async () => {
    const broken = workbench(join(home, 'broken'), {
      demo: () => {
        throw new Error('secret detail');
      },
    });
    const reply = await broken.call('POST', '/api/demo');
    expect([reply.status, await reply.text()]).toEqual([500, expect.not.stringContaining('secret detail')]);
    expect(broken.log.join()).toContain('secret detail');
  });

  it('a missing native core leaves studies readable and says what to do when one is run', async () => {
    const without = workbench(join(home, 'without'), {
      kernels: () => {
        throw new PolarimeterError('engine-missing', 'the native core could not be loaded');
      },
    });
    const study = await created(without);
    expect(StudyView.parse(await without.get(`/api/studies/${study}`)).estimate).toBeNull();
    const reply = await without.call('POST', `/api/studies/${study}/run`);
    expect(await reply.json()).toMatchObject({
      error: { code: 'engine-missing', remedy: ERROR_KINDS['engine-missing'].remedy },
    });
  });

  it('a damaged recent list is an empty one', async () => {
    const place = join(home, 'damaged');
    mkdirSync(join(place, 'state'), { recursive: true });
    writeFileSync(join(place, 'state', 'recent.json'), '{"schema":');
    expect(await workbench(place).get('/api/studies')).toEqual([]);
  });
});

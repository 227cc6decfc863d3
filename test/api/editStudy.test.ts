import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { editOf } from '../../src-main/contract/editStudy.ts';
import { StudyId, StudySummary, StudyView } from '../../src-main/contract/routes.ts';
import { RowsDocument } from '../../src-main/contract/rows.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { newStudy, refusal, workbench } from './workbench.ts';

const home = tempFolder();
const bench = workbench(join(home, 'main'));

let made = 0;

async function view(id: string): Promise<StudyView> {
  return StudyView.parse(await bench.get(`/api/studies/${id}`));
}

async function created(): Promise<StudyView> {
  const folder = join(home, `study-${String(made++)}`);
  return view(StudyId.parse(await bench.post('/api/studies', newStudy(bench, folder))).id);
}

const put = (id: string, body: unknown): Promise<Response> => bench.call('PUT', `/api/studies/${id}`, body);

it('changes what a study consists of, and answers with the study as it is then', async () => {
  const { id, file, revision } = await created();
  const variants = file.variants.map((variant) =>
    variant.label === 'rl' ? { ...variant, label: 'grpo', role: 'other', run: 'seed 1', step: 30 } : variant,
  );
  const reply = await put(id, { ...editOf(file), name: 'edited', notes: ['a note'], variants, revision });
  expect(reply.status).toBe(200);
  const edited = StudyView.parse(await reply.json());
  expect(edited).toMatchObject({ revision: revision + 1, file: { name: 'edited', notes: ['a note'] } });
  expect(edited.variants.map(({ label }) => label)).toEqual(['sft', 'grpo']);
  expect(await view(id)).toEqual(edited);
  expect(JSON.parse(readFileSync(join(edited.folder, 'study.json'), 'utf8'))).toEqual(edited.file);
  const listed = StudySummary.array().parse(await bench.get('/api/studies'));
  expect(listed[0]).toMatchObject({ id, name: 'edited', variants: ['sft', 'grpo'] });
});

it('keeps the results of a renamed variant', async () => {
  const { id, file } = await created();
  await bench.post(`/api/studies/${id}/run`);
  await expect.poll(async () => (await view(id)).progress.state, { timeout: 20_000 }).toBe('done');
  const values = async (): Promise<unknown[]> =>
    RowsDocument.parse(await bench.get(`/api/studies/${id}/rows?level=overall&measure=update.norm`)).rows.map(
      ({ variant, value }) => [variant, value],
    );
  const [sft, rl] = (await values()) as [string, number][];
  const variants = file.variants.map((variant) =>
    variant.label === 'sft' ? { ...variant, label: 'tuned' } : { ...variant, from: 'tuned' },
  );
  // The run raised it.
  const { revision } = await view(id);
  const reply = StudyView.parse(await (await put(id, { ...editOf(file), variants, revision })).json());
  expect(reply.progress).toMatchObject({ state: 'done', done: 3 });
  expect(await values()).toEqual([['tuned', sft?.[1]], rl]);
});

it('refuses an edit that was made on an older version, and one while a run goes on', async () => {
  const { id, file, revision } = await created();
  await put(id, { ...editOf(file), name: 'first', revision });
  const late = await refusal(await put(id, { ...editOf(file), name: 'second', revision }));
  expect(late).toMatchObject({ status: 409, code: 'study-changed' });
  expect((await view(id)).file.name).toBe('first');

  await bench.post(`/api/studies/${id}/run`);
  const busy = await refusal(await put(id, { ...editOf(file), revision: revision + 1 }));
  expect(busy).toMatchObject({ status: 409, code: 'study-busy' });
  await bench.hub.get(id).close();
});

it('refuses what is not a study, and names the field', async () => {
  const { id, file, revision } = await created();
  const edit = { ...editOf(file), revision };
  const refused = async (body: unknown): Promise<unknown> => refusal(await put(id, body));
  expect(await refused({ ...edit, variants: [] })).toMatchObject({ status: 400, where: 'variants' });
  expect(await refused({ ...edit, revision: undefined })).toMatchObject({ code: 'usage', where: 'revision' });
  expect(await refused({ ...edit, name: '' })).toMatchObject({ code: 'usage', where: 'name' });
  const [first] = edit.variants;
  expect(await refused({ ...edit, variants: [first, first] })).toMatchObject({
    status: 422,
    code: 'study-invalid',
  });
  expect(await refused({ ...edit, options: { ...edit.options, k: 0 } })).toMatchObject({
    where: 'options.k',
  });
  expect((await put('nothing', edit)).status).toBe(404);
  expect((await view(id)).revision).toBe(revision);
});

it('sees what another program made of study.json', async () => {
  const { id, folder, file, revision } = await created();
  const path = join(folder, 'study.json');
  writeFileSync(path, JSON.stringify({ ...file, name: 'by hand' }));
  const late = await refusal(await put(id, { ...editOf(file), name: 'mine', revision }));
  expect(late.code).toBe('study-changed');
  expect(await view(id)).toMatchObject({ revision: revision + 1, file: { name: 'by hand' } });
  rmSync(folder, { recursive: true });
  expect(await refusal(await bench.call('GET', `/api/studies/${id}`))).toMatchObject({
    code: 'study-not-found',
  });
});

it('takes a study off the recent list and leaves its folder', async () => {
  const { id, folder } = await created();
  const left = StudySummary.array().parse(await bench.post(`/api/studies/${id}/forget`));
  expect(left.map((study) => study.id)).not.toContain(id);
  expect(readFileSync(join(folder, 'study.json'), 'utf8')).toContain('base, SFT, RL');
});

it('opens the demo as it was left', async () => {
  const own = workbench(join(home, 'demo'));
  const { id } = StudyId.parse(await own.post('/api/demo'));
  const { file, revision } = StudyView.parse(await own.get(`/api/studies/${id}`));
  const reply = await own.call('PUT', `/api/studies/${id}`, { ...editOf(file), name: 'my demo', revision });
  expect(reply.status).toBe(200);
  const later = workbench(join(home, 'demo'));
  await later.post('/api/demo');
  expect(StudyView.parse(await later.get(`/api/studies/${id}`)).file.name).toBe('my demo');
});

it('answers with the study as it is after an edit that came while it was read', async () => {
  const { id, file, revision } = await created();
  const running = bench.hub.get(id);
  const variants = file.variants.map((variant) =>
    variant.label === 'rl' ? { ...variant, label: 'grpo' } : variant,
  );
  let readings = 0;
  const rows = await running.read(async (study) => {
    if (++readings === 1) running.edit({ ...editOf(file), variants, revision });
    const [overall] = await study.readRows([{ level: ['overall'], measure: ['alignment.compared'] }]);
    return overall;
  });
  expect(readings).toBe(2);
  expect(rows?.map(({ variant }) => variant)).toEqual(['sft', 'grpo']);
});

it('says what went wrong in a reading that no edit cut short', async () => {
  const { id } = await created();
  const failing = bench.hub.get(id).read(() => Promise.reject(new Error('planted')));
  await expect(failing).rejects.toThrow('planted');
});

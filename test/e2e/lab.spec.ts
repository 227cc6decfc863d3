import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Page } from '@playwright/test';
import { finishedSweepDocument, sampleSweepDocument } from '../fixtures/sweepDocument.ts';
import { plantLab } from './plantedLab.ts';
import { axeViolations, expect, goTo, openDemo, runState, test } from './workbenchTest.ts';

const finished = finishedSweepDocument();
const running = sampleSweepDocument();
const BEST = "top 64 directions, target's values";

const plan = (page: Page) => page.getByRole('complementary', { name: 'Plan' });
const trials = (page: Page) => page.getByRole('grid', { name: 'Trials on ood' });
const detail = (page: Page, label: string) => page.getByRole('region', { name: label, exact: true });
const figure = (page: Page, id: string) => page.locator(`section[data-figure="${id}"]`);

test('a form that is filled, a plan that says what each control is for, and a sweep that runs', async ({
  page,
  server,
}) => {
  const posted = await plantLab(page, { documents: [{ ...running, id: 'first' }], view: { sweeps: [] } });
  await openDemo(page, server);
  await page.keyboard.press('8');
  await expect(page.getByRole('heading', { name: 'Experiments' })).toBeVisible();
  await expect(page.getByText('This study has no sweep yet.')).toBeVisible();
  await expect(plan(page)).toContainText('30: 9 repairs, 18 controls, 3 models');
  await expect(plan(page)).toContainText('is it the direction, or any change of this size?');
  await plan(page).getByText('The layers are rolled back in full, singular values included').click();
  await expect(plan(page)).toContainText('says nothing of directions');

  const run = plan(page).getByRole('button', { name: 'Run this sweep' });
  await page.getByLabel('Numbers of directions k').fill('4, many');
  await expect(plan(page)).toContainText('“many” is not a number of directions');
  await expect(run).toBeDisabled();
  await page.getByLabel('Numbers of directions k').fill('4, 25 %');
  await page.getByLabel('Donor, restored from').selectOption('sft-peak');
  await page.getByLabel('automatic repair, within a budget').check();
  await expect(run).toBeEnabled();
  await run.click();
  await expect(page.getByRole('heading', { name: running.file.name })).toBeVisible();
  await expect(page).toHaveURL(/lab\?sweep=first$/);
  const created = posted.find(({ path }) => path === 'sweeps')!.body as { file: typeof running.file };
  expect(created.file.donor).toEqual({ label: 'sft-peak', path: '/models/sft-peak' });
  expect(created.file.grid.find(({ kind }) => kind === 'restore')).toMatchObject({ directions: [4, '25 %'] });
  expect(created.file.repair).toMatchObject({ evaluations: 24, keepOneOf: 2 });
  expect(posted.at(-1)!.path).toBe('sweeps/first/run');
});

test('a sweep that runs says how far it is, what failed, and can be cancelled', async ({ page, server }) => {
  const posted = await plantLab(page, { documents: [running] });
  await openDemo(page, server);
  await goTo(page, 'lab');
  await expect(page.getByText('28 720 of 36 000 answers')).toBeVisible();
  await expect(page.getByText('2 min 21 s left')).toBeVisible();
  await expect(page.getByText('5 trials have no answers yet; the answer waits for them.')).toBeVisible();
  await expect(
    page.getByText('30 in all, 5 wait, 1 failed, 1 dropped: asked other problems than the rest'),
  ).toBeVisible();
  await page.getByRole('main').getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => posted.at(-1)?.path).toBe('sweeps/which-repairs/cancel');
});

test('results by keyboard: sorted, a trial opened with its recipe and verdicts, and exported', async ({
  page,
  server,
}) => {
  const posted = await plantLab(page, { documents: [finished] });
  await openDemo(page, server);
  await goTo(page, 'lab');
  const gate = page.getByRole('region', { name: /^Directional gate/ });
  await expect(gate).toContainText('Not certain');
  await expect(gate).toContainText('102 of 600');

  await trials(page).getByRole('button', { name: 'recovered' }).click();
  await trials(page).focus();
  await page.keyboard.press('Home');
  await expect(trials(page).getByRole('row').nth(1)).toContainText('100 % of 13.2 pp');
  const rows = await trials(page).getByRole('row').allInnerTexts();
  const shares = rows.slice(1, 8).map((text) => Number(/(-?[\d.]+) % of 13\.2 pp/.exec(text)?.[1]));
  expect(shares).toEqual(shares.toSorted((a, b) => b - a));

  for (let i = 0; i < 30 && !(await detail(page, BEST).isVisible()); i++) {
    await page.keyboard.press('ArrowDown');
    const current = trials(page).locator('.row.current');
    if ((await current.innerText()).includes(BEST)) await page.keyboard.press('Enter');
  }
  await expect(detail(page, BEST)).toContainText('wrong-numbers');
  const recipe = detail(page, BEST).getByRole('region', { name: `Recipe of ${BEST}` });
  await expect(recipe).toContainText('edit: restore');
  await expect(recipe).toContainText('top: 64');

  await page.keyboard.press('Control+e');
  const dialog = page.getByRole('dialog', { name: `Export ${BEST}` });
  await dialog.getByRole('radio', { name: /^GGUF/ }).check();
  await expect(dialog.getByLabel('To', { exact: true })).toHaveValue(/exports\/top-64-directions.*\.gguf$/);
  await dialog.getByRole('button', { name: 'Write' }).click();
  await expect(dialog.getByText('Its inputs are pinned.')).toBeVisible();
  expect(posted.at(-1)).toMatchObject({ path: 'sweeps/which-repairs/export', body: { as: 'gguf' } });
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('an export tells how far it is, goes on while its dialog is closed, and can be cancelled', async ({
  page,
  server,
}) => {
  const { trial } = finished.results.find((result) => result.trial.label === BEST)!;
  const request = { trial: trial.id, as: 'gguf' as const, path: '/out/repair.gguf' };
  const posted = await plantLab(page, {
    documents: [finished],
    exporting: { request, state: 'running', done: 2 ** 20, total: 2 ** 22, exported: null },
  });
  await openDemo(page, server);
  await goTo(page, 'lab');
  await expect(page.getByText(`Export of “${BEST}”: writing, 1.00 MiB of 4.00 MiB, 25.0 %`)).toBeVisible();
  await page.getByRole('button', { name: 'Show the export' }).click();
  const dialog = page.getByRole('dialog', { name: `Export ${BEST}` });
  await expect(dialog.getByRole('radio', { name: /^GGUF/ })).toBeChecked();
  await expect(dialog.getByLabel('To', { exact: true })).toHaveValue('/out/repair.gguf');
  await expect(dialog.getByRole('progressbar')).toHaveAttribute('value', String(2 ** 20));
  await expect(dialog.getByRole('button', { name: 'Write' })).toBeDisabled();
  await dialog.getByRole('button', { name: 'Cancel export' }).click();
  await expect.poll(() => posted.at(-1)?.path).toBe('sweeps/which-repairs/export/cancel');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Show the export' })).toBeVisible();
  expect(await axeViolations(page)).toEqual([]);
});

test('every figure has its numbers under the cursor, in words and as a table', async ({ page, server }) => {
  await plantLab(page, { documents: [finished] });
  await openDemo(page, server);
  await goTo(page, 'lab');
  const forest = figure(page, 'forest');
  await forest.getByRole('application').focus();
  await page.keyboard.press('End');
  await expect(forest.locator('.readout')).toContainText('embeddings and head alone from base');
  await forest.getByText('In words').click();
  await expect(forest).toContainText('No repair is certain to beat the best of its controls.');

  const distance = figure(page, 'distance');
  await distance.getByText('As a table').click();
  await expect(distance.getByRole('grid')).toContainText('11.0 %');
  await expect(figure(page, 'grid')).toContainText('Crossed out');

  await expect(forest.getByRole('heading')).toHaveText('All trials on ood, each with its controls');
  await page.getByLabel('Tables, forest and grid on').selectOption('id');
  await expect(forest.getByRole('heading')).toHaveText('All trials on id, each with its controls');
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Experiments' }).click();
  await page.keyboard.press('r');
  await expect(page.getByRole('radio', { name: 'problems solved' })).toBeChecked();
});

test('states: no evaluator here, a sweep that failed, one that was interrupted, an answer that never comes', async ({
  page,
  server,
}) => {
  const error = {
    code: 'model-too-large',
    message: 'the converted model needs 80 GiB, 62 GiB are free',
    where: '/models/sft',
    cause: 'the converted model and its context need more memory than there is',
    remedy: 'evaluate on a larger machine',
  };
  const failed = {
    ...running,
    id: 'failed',
    progress: { ...running.progress, state: 'failed' as const, error },
  };
  const cut = { ...running, id: 'cut', progress: { ...running.progress, state: 'interrupted' as const } };
  await plantLab(page, {
    documents: [failed, cut],
    view: {
      embedded: { available: false, engine: null, devices: [], reason: 'llama.cpp could not be loaded' },
    },
  });
  await openDemo(page, server);
  await goTo(page, 'lab');
  await expect(page.getByText('Every finished answer is stored: resume it.')).toBeVisible();
  await expect(page.getByRole('main').getByRole('button', { name: 'Resume' })).toBeEnabled();
  await page.getByLabel('Sweep', { exact: true }).selectOption('failed');
  await expect(page.getByRole('alert')).toContainText('80 GiB');
  await page.getByRole('link', { name: 'New sweep' }).click();
  await expect(page.getByRole('note')).toContainText('Models cannot be run on this machine');
  await page.getByLabel('a server').check();
  await expect(plan(page)).toContainText('the address must begin with http');
});

for (const theme of ['light', 'dark'] as const) {
  test(`is accessible and stays on the page, ${theme}`, async ({ page, server }) => {
    test.slow();
    await page.emulateMedia({ colorScheme: theme });
    await plantLab(page, { documents: [finished] });
    await openDemo(page, server);
    await expect(runState(page)).toBeVisible();
    for (const sweep of ['which-repairs', 'new']) {
      await page.evaluate((id) => {
        location.hash = location.hash.replace(/^(#\/study\/[\w-]+).*$/, `$1/lab?sweep=${id}`);
      }, sweep);
      await expect(sweep === 'new' ? plan(page) : figure(page, 'forest')).toBeVisible();
      if (sweep !== 'new') await trials(page).getByText(BEST, { exact: true }).click();
      expect(await axeViolations(page)).toEqual([]);
      for (const [width, height] of [
        [390, 844],
        [1280, 800],
        [2560, 1440],
      ] as const) {
        await page.setViewportSize({ width, height });
        const main = page.getByRole('main');
        expect(await main.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
      }
      await page.setViewportSize({ width: 1440, height: 900 });
    }
  });
}

test('the engine itself: a small sweep of the demo from the form to the gate, cancelled and resumed', async ({
  page,
  server,
}) => {
  test.setTimeout(240_000);
  await openDemo(page, server);
  await goTo(page, 'lab');
  await expect(plan(page)).toContainText('controls');
  for (const probe of ['id', 'ood'])
    await page.getByLabel(`The first so many problems of ${probe}`).fill('12');
  for (const kind of ['Reset layers', 'Restore directions']) await page.getByLabel(kind).uncheck();
  await page.getByLabel('of the way to the donor').fill('0.5');
  await expect(plan(page)).toContainText('7: 1 repair, 3 controls, 3 models');
  await plan(page).getByRole('button', { name: 'Run this sweep' }).click();
  const main = page.getByRole('main');
  await main.getByRole('button', { name: 'Cancel' }).click();
  await expect(main.getByRole('status').filter({ hasText: /^Cancelled$/ })).toBeVisible({ timeout: 60_000 });
  await main.getByRole('button', { name: 'Resume' }).click();
  await expect(main.getByRole('status').filter({ hasText: /^Done$/ })).toBeVisible({ timeout: 150_000 });
  await expect(page.getByText('168 of 168 answers')).toBeVisible();
  await expect(page.getByRole('region', { name: /^Directional gate/ })).toContainText('of 12');
  // Halfway from target to donor, up to the rounding of bf16.
  await expect(trials(page).getByRole('row', { name: /^50 % of the way to base/ })).toContainText('50.0 %');
});

test('the engine itself: automatic repair within a budget, its rungs and the gate, and the export of a repair', async ({
  page,
  server,
}) => {
  test.setTimeout(120_000);
  await openDemo(page, server);
  await goTo(page, 'lab');
  await expect(plan(page)).toContainText('controls');
  await expect(page.getByLabel('at most')).toHaveValue('24');
  for (const probe of ['id', 'ood'])
    await page.getByLabel(`The first so many problems of ${probe}`).fill('12');
  for (const kind of ['Reset layers', 'Restore directions']) await page.getByLabel(kind).uncheck();
  await page.getByLabel('of the way to the donor').fill('0.25, 0.5, 0.75, 0.9');
  await page.getByLabel('automatic repair, within a budget').check();
  await page.getByRole('spinbutton', { name: /^budget/ }).fill('3');
  await plan(page).getByRole('button', { name: 'Run this sweep' }).click();
  const main = page.getByRole('main');
  await expect(main.getByRole('status').filter({ hasText: /^Done$/ })).toBeVisible({ timeout: 90_000 });
  const rungs = page.getByRole('region', { name: 'Rungs' }).getByRole('row');
  await expect(rungs.nth(1)).toContainText('of the way to base');
  await expect(page.getByRole('region', { name: /^Directional gate/ })).toContainText('of 6');

  await trials(page)
    .getByRole('row', { name: /^50 % of the way to base/ })
    .click();
  await page.getByRole('button', { name: 'Export…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: /^GGUF/ }).check();
  const path = await dialog.getByLabel('To', { exact: true }).inputValue();
  await dialog.getByRole('button', { name: 'Write' }).click();
  await expect(dialog.getByText(/^Written, 2\.\d+ MiB/)).toBeVisible();
  expect(readFileSync(path).subarray(0, 4).toString()).toBe('GGUF');
  expect(readdirSync(dirname(path))).toEqual([basename(path)]);
});

import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import {
  createStudy,
  expect,
  goTo,
  openComputedDemo,
  runDetails,
  runPanel,
  runState,
  runToEnd,
  scope,
  test,
} from './workbenchTest.ts';

test('a run shows its rate and can be cancelled and resumed', async ({ page, server }) => {
  await createStudy(page, server, 768);
  await goTo(page, 'overview');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(runPanel(page)).toContainText(/model\.layers\.\d\.self_attn\.q_proj\.weight/);
  await expect(runPanel(page)).toContainText(/[\d.]+ [KMG]?i?B of [\d.]+ GiB/);
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(runState(page)).toHaveText(/^Cancelled/);
  const kept = Number(/(\d+) of 6 tensors/.exec(await runPanel(page).innerText())![1]);
  expect(kept).toBeLessThan(6);
  await expect(scope(page)).toContainText(`over ${String(kept)} of 6 tensors so far`);
  await runToEnd(page);
  await expect(runPanel(page)).toContainText('6 of 6 tensors');
  await expect(scope(page)).toContainText('over the whole model');
});

test('the details show work per stage, rates over the last minute, memory and the log', async ({
  page,
  server,
}) => {
  await createStudy(page, server, 384);
  const details = await runDetails(page);
  await expect(details).toContainText(/To compute\s*6 tensors x 1 variants/);
  await details.getByLabel('Memory, GiB').fill('1');
  await details.getByRole('button', { name: 'Run within these limits' }).click();
  await expect(runState(page)).toHaveText('Done', { timeout: 50_000 });
  const decompose = details.getByRole('row', { name: /^Singular values/ });
  await expect(decompose.getByRole('cell').nth(2)).toHaveText('6');
  await expect(decompose.getByRole('img')).toHaveAccessibleName(/^\d+ % of the work$/);
  await expect(details).toContainText(/0 B of 768 MiB/);
  await expect(details.getByRole('img', { name: /^Computing over the last minute: / })).toBeVisible();
  const log = details.getByRole('list', { name: 'Log' });
  // Newest first; one line for the run's begin, one for each tensor, one for its end.
  await expect(log.getByRole('listitem')).toHaveCount(8);
  await expect(log.getByRole('listitem').first()).toContainText('done');
  await expect(log.getByRole('listitem').last()).toContainText('1.00 GiB of memory');
});

test('reloading in the middle of a run finds it running', async ({ page, server }) => {
  await createStudy(page, server, 768);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(runState(page)).toHaveText('Running');
  await page.reload();
  await expect(page).toHaveURL(/\/#\/study\/[\w-]+\/setup$/);
  await expect(runState(page)).toHaveText(/^(Running|Done)$/);
  await expect(runState(page)).toHaveText('Done', { timeout: 50_000 });
  await expect(page.getByRole('grid')).toBeVisible();
});

test('a failing run says what, where, why and what helps', async ({ page, server }) => {
  await createStudy(page, server, 64);
  truncateSync(join(server.home, 'rl-run', 'model.safetensors'), 5000);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(runState(page)).toHaveText('Failed');
  const problem = (await runDetails(page)).getByRole('alert');
  for (const part of ['Where', 'Likely cause', 'What helps', 'download the file again'])
    await expect(problem).toContainText(part);
});

test('the page outlives its engine: killed in a run, started again, resumed', async ({ page, server }) => {
  await createStudy(page, server, 768);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(runPanel(page)).toContainText(/[1-5] of 6 tensors/);
  await server.stop('SIGKILL');
  await expect(page.getByRole('alert').filter({ hasText: 'trying again' })).toContainText(
    /the engine does not answer.*What helps/i,
  );
  await server.start();
  await page.goto(server.address);
  await page.getByRole('link', { name: /Six matrices/ }).click();
  await expect(runState(page)).toHaveText('Interrupted');
  await expect(await runDetails(page)).toContainText(/[1-5] of 6 tensors/);
  await runToEnd(page);
});

test('a second run computes nothing', async ({ page, server, computedDemo }) => {
  await openComputedDemo(page, server, computedDemo);
  await page.getByRole('button', { name: 'Check for changes' }).click();
  await expect(await runDetails(page)).toContainText('56 of 56 tensors, 56 of them stored before');
});

test('Ctrl-C ends the server cleanly in the middle of a run', async ({ page, server }) => {
  await createStudy(page, server, 768);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(runState(page)).toHaveText('Running');
  expect(await server.stop('SIGINT')).toBe(0);
});

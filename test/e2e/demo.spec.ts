import { expect, goTo, openDemo, runPanel, runToEnd, test } from './workbenchTest.ts';

test('the demo study: cost first, then SFT beside RL with baselines', async ({ page, server }) => {
  await openDemo(page, server);
  await expect(runPanel(page)).toContainText('0 of 56 tensors');
  await expect(page.getByRole('region', { name: 'Nothing is computed yet' })).toBeVisible();

  await runToEnd(page);
  const grid = page.getByRole('grid');
  const headers = await grid.getByRole('columnheader').allInnerTexts();
  const labels = headers.map((text) => text.split('\n')[0]!.trim());
  expect(labels.indexOf('sft')).toBeLessThan(labels.indexOf('rl-seed1'));
  expect(labels.slice(0, 2)).toEqual(['SFT', 'RL']);
  await expect(grid.getByRole('columnheader', { name: /^rl-seed1 from sft/ })).toBeVisible();

  // The shares that the study's own README states.
  const unchanged = grid.getByRole('row', { name: /^Weights unchanged \(bf16\)/ }).getByRole('gridcell');
  await expect(unchanged.nth(0)).toContainText(/^\s*3\.3 %/);
  await expect(unchanged.nth(0)).toContainText('96.7 % changed');
  await expect(unchanged.nth(4)).toContainText(/^\s*31\.5 %/);
  const angle = grid
    .getByRole('row', { name: /^Median principal angle, output side/ })
    .getByRole('gridcell')
    .first();
  await expect(angle).toContainText(/\d°\s*baseline\s*\d+\.\d°/);

  await goTo(page, 'setup');
  await expect(page.getByText(/RL after SFT did not heal OOD here/)).toBeVisible();
});

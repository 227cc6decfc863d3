import { expect, goTo, openComputedDemo, openDemo, runPanel, runToEnd, test } from './workbenchTest.ts';

test('the demo study: cost first, then SFT beside RL with baselines', async ({ page, server }) => {
  await openDemo(page, server);
  await expect(runPanel(page)).toContainText('0 of 56 tensors');
  await expect(page.getByText('Nothing is computed yet: run the study.')).toBeVisible();

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

  await goTo(page, 'Set-up');
  await expect(page.getByText(/RL after SFT did not heal OOD here/)).toBeVisible();
});

test('maps share one scale, read out every variant at once, and have a table and words', async ({
  page,
  server,
  computedDemo,
}) => {
  await openComputedDemo(page, server, computedDemo);
  await goTo(page, 'Map');
  const section = page.getByRole('main');
  await section.getByLabel('Measure').selectOption('angles.left.median');
  const map = section.getByRole('application', {
    name: /^Median principal angle, output side, layer by module, 11 variants/,
  });
  await expect(map).toBeVisible();
  await expect(section).toContainText(/One scale for all variants, 0\.\d+° to \d+\.\d+°, logarithmic/);

  const colours = await map.locator('canvas').evaluateAll((canvases: HTMLCanvasElement[]) => {
    const seen = new Set<number>();
    for (const canvas of canvases) {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] === 255) seen.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
      }
    }
    return seen.size;
  });
  expect(colours).toBeGreaterThan(60);

  await map.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  const readout = section.getByRole('complementary', { name: 'Read-out' });
  await expect(readout).toContainText('k_proj, layer 1');
  await expect(readout).toContainText('model.layers.1.self_attn.k_proj.weight');
  await expect(readout.getByRole('row')).toHaveCount(12);

  // The pointer may cross the map on its way to the table, which takes the read-out along.
  const shown = await readout.getByRole('row', { name: /^sft / }).getByRole('cell').first().innerText();
  await section.getByText('As a table').click();
  const table = section.getByRole('table', { name: /^sft: Median principal angle/ });
  await expect(
    table
      .getByRole('row', { name: /^k_proj/ })
      .getByRole('cell')
      .nth(1),
  ).toHaveText(shown);
  await section.getByText('In words').click();
  await expect(
    section.getByText(/^sft: lowest .* \(layer \d+ \w+\), median .*, highest .*; 1 without a number\.$/),
  ).toBeVisible();

  // The embedding has no angles: a reason stands where the number would.
  await map.focus();
  await page.keyboard.press('End');
  for (let i = 0; i < 9; i++) await page.keyboard.press('ArrowDown');
  await expect(readout).toContainText('embeddings and the output head are left out');
});

test('a measure of pairs is shown with a chosen partner', async ({ page, server, computedDemo }) => {
  await openComputedDemo(page, server, computedDemo);
  await goTo(page, 'Map');
  const section = page.getByRole('main');
  await section.getByLabel('Measure').selectOption('update.cosine');
  await section.getByRole('combobox', { name: 'with', exact: true }).selectOption('rl-seed2');
  await expect(section.getByRole('application')).toHaveAccessibleName(/^Cosine between updates/);
});

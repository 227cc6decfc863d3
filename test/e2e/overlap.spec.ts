import type { Page } from '@playwright/test';
import {
  axeViolations,
  createStudy,
  expect,
  goTo,
  openComputedDemo,
  runToEnd,
  test,
} from './workbenchTest.ts';

const matrix = (page: Page) =>
  page.getByRole('application', { name: /^Jaccard overlap .* matrices, beyond chance\. / });
const section = (page: Page) => page.getByRole('region', { name: /^Overlap of runs/ });

test('runs beyond chance, by keyboard, with the value in words, in a table and in a dialog', async ({
  page,
  server,
  computedDemo,
}) => {
  await openComputedDemo(page, server, computedDemo);
  await goTo(page, 'overlap');
  await expect(section(page).getByText('centred on 0').first()).toBeVisible();
  await matrix(page).focus();
  await page.keyboard.press('PageDown');
  await page.keyboard.press('ArrowRight');
  const readout = section(page).locator('.readout').first();
  await expect(readout).toContainText(
    /rl-seed2 and rl-seed1: \d+\.\d %, by chance \d+\.\d %, beyond it \+\d+\.\d pp;\s+\d+\s+tensors/,
  );
  const numbers = [...(await readout.innerText()).matchAll(/(\d+\.\d) (?:%|pp)/g)].map((found) =>
    Number(found[1]),
  );
  expect(numbers[0]! - numbers[1]!).toBeCloseTo(numbers[2]!, 0);

  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: /^Jaccard overlap of two runs/ });
  await expect(dialog).toContainText('independent masks of the same densities, here');
  await page.keyboard.press('Escape');
  await expect(matrix(page)).toBeFocused();

  await section(page).getByText('As a table and in words').first().click();
  const table = section(page).getByRole('table', { name: /beyond chance, from sft$/ });
  await expect(
    table
      .getByRole('row', { name: /^rl-seed1 / })
      .getByRole('cell')
      .nth(1),
  ).toHaveText(`+${numbers[2]!.toFixed(1)} pp`);
  await expect(section(page).getByText(/^Runs from sft: lowest .* over 10 pairs\.$/)).toBeVisible();

  const colours = await matrix(page)
    .locator('canvas')
    .evaluateAll((canvases: HTMLCanvasElement[]) => {
      const seen = new Set<number>();
      for (const canvas of canvases) {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        for (let i = 0; i < data.length; i += 4)
          if (data[i + 3] === 255) seen.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
      }
      return seen.size;
    });
  expect(colours).toBeGreaterThan(30);
});

test('one-sided overlap keeps its direction: the line contains the column', async ({
  page,
  server,
  computedDemo,
}) => {
  await openComputedDemo(page, server, computedDemo);
  await goTo(page, 'overlap');
  await section(page).getByLabel('Measure').selectOption('overlap.one-sided');
  await section(page).getByRole('radiogroup').getByText('value', { exact: true }).click();
  await section(page).getByText('As a table and in words').first().click();
  const table = section(page).getByRole('table', {
    name: /^Weights of one run that the other changed too, from sft$/,
  });
  const at = async (contains: string, column: number): Promise<number> =>
    Number.parseFloat(
      await table
        .getByRole('row', { name: new RegExp(`^${contains} `) })
        .getByRole('cell')
        .nth(column)
        .innerText(),
    );
  // The early checkpoint changed fewer weights: nearly all of them lie in what the whole run changed, not the other way round.
  expect(await at('rl-seed1', 3)).toBeGreaterThan((await at('rl-seed1-step100', 0)) + 10);
  await expect(
    section(page).getByText(/^Runs from sft: lowest .* \(\S+ in \S+\), .* over 20 pairs\.$/),
  ).toBeVisible();
});

test('consensus stands beside independent runs, and sums to all weights', async ({
  page,
  server,
  computedDemo,
}) => {
  await openComputedDemo(page, server, computedDemo);
  await goTo(page, 'overlap');
  const consensus = page.getByRole('region', { name: /^Consensus over the whole model/ });
  await expect(consensus.getByRole('img')).toHaveAccessibleName(
    /RL from sft, 3 runs: of [\d ]+ weights \d+\.\d % are changed by no run \(independent runs: \d+\.\d %\)/,
  );
  await consensus.getByText('As a table and in words').click();
  const table = consensus.getByRole('table', {
    name: /^RL from sft, 3 runs: rl-seed1, rl-seed2, rl-high-lr/,
  });
  const column = async (index: number): Promise<number> => {
    const texts = await table.locator(`tbody tr td:nth-of-type(${String(index)})`).allInnerTexts();
    expect(texts).toHaveLength(4);
    return texts.reduce((sum, text) => sum + Number.parseFloat(text), 0);
  };
  expect(await column(2)).toBeCloseTo(100, 0);
  expect(await column(3)).toBeCloseTo(100, 0);
});

test('one variant has no overlap, and the page says what it needs', async ({ page, server }) => {
  await createStudy(page, server, 64);
  await goTo(page, 'overlap');
  await expect(page.getByText(/Overlap needs two runs with the same reference/)).toBeVisible();
  await expect(page.getByText(/needs two runs of one role from the same reference/)).toBeVisible();
  await goTo(page, 'overview');
  await runToEnd(page);
});

for (const theme of ['light', 'dark'] as const) {
  test(`is accessible and stays on the page, ${theme}`, async ({ page, server, computedDemo }) => {
    test.slow();
    await page.emulateMedia({ colorScheme: theme });
    await openComputedDemo(page, server, computedDemo);
    await goTo(page, 'overlap');
    for (const details of await page.getByText('As a table and in words').all()) await details.click();
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
  });
}

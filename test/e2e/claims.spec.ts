import type { Page } from '@playwright/test';
import {
  axeViolations,
  expect,
  goTo,
  openComputedDemo,
  openDemo,
  runToEnd,
  sideways,
  test,
} from './workbenchTest.ts';

const claims = (page: Page) => page.getByRole('region', { name: 'Published claims' });
const card = (page: Page, title: string) => claims(page).getByRole('article', { name: title });

test('conflicts stand side by side, each verdict with its numbers', async ({
  page,
  server,
  computedDemo,
}) => {
  await openComputedDemo(page, server, computedDemo);
  await goTo(page, 'claims');
  await expect(claims(page).getByRole('heading', { level: 2 }).first()).toHaveText(
    'Does RL avoid the principal directions of the weights, or lean toward them?',
  );
  const sparsity = claims(page).getByRole('group', { name: 'Why do RL updates look sparse?' });
  await expect(sparsity.getByRole('article')).toHaveCount(3);
  const rounding = card(page, 'Sparsity is a readout of small steps and bf16');
  await expect(rounding).toContainText('supported');
  await expect(rounding).toContainText('by size and rounding alone 20.1 % to 30.9 %; that explains 5 of 5');
  await expect(card(page, 'Sparsity comes from the optimiser')).toContainText('needs training runs');

  const [first, second] = await Promise.all([
    card(page, 'Sparsity comes from RL itself').boundingBox(),
    rounding.boundingBox(),
  ]);
  expect(first!.y).toBe(second!.y);
  expect(first!.x + first!.width).toBeLessThan(second!.x);
});

test('a claim opens to definition, rule, values beside their baseline and published numbers', async ({
  page,
  server,
  computedDemo,
}) => {
  await openComputedDemo(page, server, computedDemo);
  await goTo(page, 'claims');
  const energy = card(page, 'The energy of RL updates leans toward the principal directions');
  await energy.getByText('Definition, rule and numbers').click();
  await expect(energy.getByText(/^Over the last checkpoints of all RL runs\. Supported:/)).toBeVisible();
  const row = energy.getByRole('row', { name: /^rl-seed1 / });
  await expect(row.getByRole('cell')).toHaveText([
    'sft',
    '22.2 %',
    '14.7 %',
    /^above in \d+ of 42 matrices$/,
  ]);
  await expect(energy.getByRole('row', { name: /^q_proj 0\.87 % 0\.174 %/ })).toContainText(
    'computed here from published data',
  );
});

test('verdicts filter the ledger', async ({ page, server, computedDemo }) => {
  await openComputedDemo(page, server, computedDemo);
  await goTo(page, 'claims');
  const filters = claims(page).getByRole('group', { name: 'Show by verdict' });
  const button = filters.getByRole('button', { name: /^contradicted \d+$/ });
  const count = Number(/\d+$/.exec(await button.innerText())![0]);
  await button.click();
  await expect(button).toHaveAttribute('aria-pressed', 'true');
  await expect(claims(page).getByRole('article')).toHaveCount(count);
  await expect(page).toHaveURL(/\/claims\?verdict=contradicted$/);
  await page.reload();
  await expect(claims(page).getByRole('article')).toHaveCount(count);
  await filters.getByRole('button', { name: /^all / }).click();
  expect(await claims(page).getByRole('article').count()).toBeGreaterThan(count);
});

test('an address brings one claim into view, open and marked', async ({ page, server, computedDemo }) => {
  await openComputedDemo(page, server, computedDemo);
  await page
    .getByRole('list', { name: 'Decided claims' })
    .getByRole('link', { name: 'SFT with small steps is as sparse as RL' })
    .click();
  await expect(page).toHaveURL(/\/claims\?claim=small-sft-is-sparse-too$/);
  const marked = card(page, 'SFT with small steps is as sparse as RL');
  await expect(marked).toBeInViewport();
  await expect(marked).toBeFocused();
  await expect(marked.getByText(/^Over the last checkpoints of all runs, pairs of/)).toBeVisible();
  await expect(card(page, 'RL updates have nearly full rank')).not.toBeInViewport();

  await page.goBack();
  await page
    .getByRole('list', { name: 'Claims by verdict' })
    .getByRole('link', { name: /^contradicted/ })
    .click();
  await expect(page).toHaveURL(/\/claims\?verdict=contradicted$/);
  await expect(claims(page).getByRole('button', { name: /^contradicted/ })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
});

test('before a run there is nothing to hold claims against, after it there is', async ({ page, server }) => {
  await openDemo(page, server);
  await goTo(page, 'claims');
  await expect(
    claims(page).getByRole('heading', { name: 'Nothing is measured yet that decides a claim' }),
  ).toBeVisible();
  await goTo(page, 'overview');
  await runToEnd(page);
  await goTo(page, 'claims');
  await expect(card(page, 'RL updates have nearly full rank')).toContainText('supported');
});

for (const theme of ['light', 'dark'] as const) {
  test(`open cards are accessible and stay on the page, ${theme}`, async ({ page, server, computedDemo }) => {
    test.slow();
    await page.emulateMedia({ colorScheme: theme });
    await openComputedDemo(page, server, computedDemo);
    await goTo(page, 'claims');
    const titles = ['Sparsity comes from RL itself', 'RL almost never updates normalisation layers'];
    for (const title of titles) await card(page, title).getByText('Definition, rule and numbers').click();
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await axeViolations(page, 'section[aria-labelledby="claims-title"]')).toEqual([]);
      expect(await sideways(page)).toBe(0);
    }
  });
}

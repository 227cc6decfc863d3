import { plantLab } from '../e2e/plantedLab.ts';
import { sampleSweepDocument } from '../fixtures/sweepDocument.ts';
import { arrived, expect, goTo, open, openDemo, shoot, test } from './visualTest.ts';

const VIEWS_OF_RESULTS = ['overview', 'map', 'tensor', 'overlap', 'claims'] as const;
/** Everything that the pages ask for beside the study itself. */
const RESULTS = /\/api\/studies\/[\w-]+\/[a-z]+/;

const FAILURE = {
  error: {
    code: 'file-changed',
    message: 'model.safetensors was written while it was read',
    where: '/models/rl-run/model.safetensors',
    cause: 'a training run still writes into this folder',
    remedy: 'wait until it has ended, then run again',
  },
};

test.use({ viewport: { width: 1280, height: 800 } });

test('no studies', async ({ page, emptyDesk }) => {
  await open(page, emptyDesk);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await arrived(page);
  await shoot(page, 'state-no-studies');
});

test('nothing computed', async ({ page, freshDesk }) => {
  await openDemo(page, freshDesk);
  for (const view of ['overview', 'map'] as const) {
    await goTo(page, view);
    await arrived(page);
    await shoot(page, `state-nothing-computed-${view}`);
  }
});

for (const view of VIEWS_OF_RESULTS) {
  test(`loading ${view}`, async ({ page, demoDesk }) => {
    await page.route(RESULTS, (route) => {
      // Events go through; an answer to anything else never comes.
      if (route.request().url().endsWith('/events')) return route.continue();
      return undefined;
    });
    await openDemo(page, demoDesk);
    await goTo(page, view);
    await shoot(page, `state-loading-${view}`);
  });

  test(`failed ${view}`, async ({ page, demoDesk }) => {
    await page.route(RESULTS, (route) =>
      route.request().url().endsWith('/events')
        ? route.continue()
        : route.fulfill({ status: 409, json: FAILURE }),
    );
    await openDemo(page, demoDesk);
    await goTo(page, view);
    await shoot(page, `state-failed-${view}`);
  });
}

test('sweeps that run, failed and were cut off, and no evaluator', async ({ page, demoDesk }) => {
  const sample = sampleSweepDocument();
  const { progress } = sample;
  const failed = {
    ...sample,
    id: 'failed',
    progress: { ...progress, state: 'failed' as const, doing: null, error: FAILURE.error },
  };
  const cut = { ...sample, id: 'cut', progress: { ...progress, state: 'interrupted' as const, doing: null } };
  const embedded = {
    available: false,
    engine: null,
    devices: [],
    reason: 'the library of node-llama-cpp is not there',
  };
  await plantLab(page, { documents: [sample, failed, cut], view: { embedded } });
  await openDemo(page, demoDesk);
  for (const sweep of [sample.id, 'failed', 'cut', 'new']) {
    await goTo(page, `lab?sweep=${sweep}`);
    await arrived(page);
    await shoot(page, `state-lab-${sweep === sample.id ? 'running' : sweep}`);
  }
});

test('a study that cannot be shown', async ({ page, demoDesk }) => {
  await openDemo(page, demoDesk);
  await page.route(/\/api\/studies\/[\w-]+$/, (route) => route.fulfill({ status: 404, json: FAILURE }));
  await page.reload();
  await expect(page.getByRole('alert')).toBeVisible();
  await shoot(page, 'state-study-failed');
});

test('without the token', async ({ page, emptyDesk }) => {
  await page.goto(new URL(emptyDesk.address).origin);
  await expect(page.getByRole('alert')).toBeVisible();
  await shoot(page, 'state-no-token');
});

test('50 443 tensors', async ({ page, hugeDesk }) => {
  test.setTimeout(10 * 60_000);
  await open(page, hugeDesk);
  await expect(page.getByRole('main')).toHaveAttribute('data-view', 'overview', { timeout: 120_000 });
  for (const view of ['overview', 'map', 'tensor', 'setup'] as const) {
    await goTo(page, view);
    await arrived(page);
    await shoot(page, `state-huge-${view}`);
  }
});

import { Health, StudyView } from '../../src-main/contract/routes.ts';
import {
  createStudy,
  expect,
  goTo,
  runDetails,
  runPanel,
  runState,
  scope,
  type Server,
  test,
} from './workbenchTest.ts';

/** A call with the token that the server printed. */
async function ask(server: Server, path: string): Promise<unknown> {
  const { origin, searchParams } = new URL(server.address);
  const authorization = `Bearer ${searchParams.get('token') ?? ''}`;
  return (await fetch(`${origin}${path}`, { headers: { authorization } })).json();
}

async function killEngine(server: Server): Promise<void> {
  const { pid } = Health.parse(await ask(server, '/api/health'));
  process.kill(pid, 'SIGKILL');
}

/** Nothing while there is no engine to ask. */
async function inFlight(server: Server, id: string): Promise<readonly string[]> {
  const view = StudyView.safeParse(await ask(server, `/api/studies/${id}`));
  return view.success && view.data.progress.state === 'running' ? view.data.progress.inFlight : [];
}

test('an engine that is killed mid-run is started again, the run goes on by itself, and what was finished is kept', async ({
  page,
  server,
}) => {
  await createStudy(page, server, 768);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(runPanel(page)).toContainText(/[1-5] of 6 tensors/);
  // The new engine may be there within half a second: who looks for the notice only now and then does not see it.
  const lost = page.getByRole('alert').filter({ hasText: 'engine does not answer; trying again' });
  const wasLost = lost.waitFor();
  await killEngine(server);
  await wasLost;
  await expect(runState(page)).toHaveText('Done', { timeout: 50_000 });
  await expect(await runDetails(page)).toContainText(/6 of 6 tensors, [1-5] of them stored before/);
  await expect(lost).toBeHidden();
  await goTo(page, 'overview');
  await expect(scope(page)).toContainText('over the whole model');
});

test('a run that ends twice at the same tensor is left to the user, with the tensor and what helps', async ({
  page,
  server,
}) => {
  await createStudy(page, server, 768);
  const id = /#\/study\/([\w-]+)\/setup$/.exec(page.url())![1]!;
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  let first: readonly string[] = [];
  await expect.poll(async () => (first = await inFlight(server, id)).length).toBeGreaterThan(0);
  await killEngine(server);
  const isBack = async (): Promise<boolean> =>
    (await inFlight(server, id)).some((tensor) => first.includes(tensor));
  await expect.poll(isBack, { intervals: [20], timeout: 40_000 }).toBe(true);
  await killEngine(server);
  await expect(runState(page)).toHaveText('Interrupted');
  await expect(runPanel(page)).toContainText('ended again while it worked on the same tensors');
  const problem = (await runDetails(page)).getByRole('alert');
  await expect(problem).toContainText('ended again while it worked on the same tensors');
  await expect(problem).toContainText(/model\.layers\.\d\.self_attn\.q_proj\.weight/);
  await expect(problem).toContainText('leave them out with --modules or --layers');
  // The start page says the same word; opening it again does not start what was left alone.
  await page.goto(new URL('/#/', server.address).href);
  await expect(page.getByRole('link', { name: /Six matrices/ })).toContainText('interrupted');
  await page.getByRole('link', { name: /Six matrices/ }).click();
  await expect(runState(page)).toHaveText('Interrupted');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(runState(page)).toHaveText('Done', { timeout: 50_000 });
});

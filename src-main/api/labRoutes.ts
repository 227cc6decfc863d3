import { Hono } from 'hono';
import { CreateSweep, ExportTrial } from '../contract/sweep.ts';
import { labView } from './labView.ts';
import type { LabSweeps } from './LabSweeps.ts';
import { requestBody } from './requestBody.ts';
import type { StudyHub } from './StudyHub.ts';
import { sweepEventStream } from './sweepEventStream.ts';

/** The reset lab of a study, under /api/studies: what can be swept, and its sweeps. See contract/sweep.ts. */
export function labRoutes(hub: StudyHub, sweeps: LabSweeps): Hono {
  const routes = new Hono();
  const folder = (id: string): string => hub.get(id).study.folder;
  routes.get('/:id/lab', async (c) =>
    c.json(await hub.get(c.req.param('id')).read((study) => labView(study, sweeps))),
  );
  routes.post('/:id/sweeps/plan', async (c) => {
    hub.get(c.req.param('id'));
    return c.json(await sweeps.plan((await requestBody(c.req, CreateSweep)).file));
  });
  routes.post('/:id/sweeps', async (c) => {
    const { file } = await requestBody(c.req, CreateSweep);
    return c.json({ id: sweeps.create(folder(c.req.param('id')), file) }, 201);
  });
  routes.get('/:id/sweeps/:sweep', (c) =>
    c.json(sweeps.get(folder(c.req.param('id')), c.req.param('sweep')).document()),
  );
  routes.post('/:id/sweeps/:sweep/run', (c) =>
    c.json(sweeps.run(folder(c.req.param('id')), c.req.param('sweep')), 202),
  );
  routes.post('/:id/sweeps/:sweep/cancel', (c) =>
    c.json(sweeps.cancel(folder(c.req.param('id')), c.req.param('sweep')), 202),
  );
  routes.post('/:id/sweeps/:sweep/export', async (c) => {
    const request = await requestBody(c.req, ExportTrial);
    return c.json(sweeps.export(folder(c.req.param('id')), c.req.param('sweep'), request), 202);
  });
  routes.post('/:id/sweeps/:sweep/export/cancel', (c) =>
    c.json(sweeps.cancelExport(folder(c.req.param('id')), c.req.param('sweep')), 202),
  );
  routes.get('/:id/sweeps/:sweep/events', (c) =>
    sweepEventStream(sweeps.get(folder(c.req.param('id')), c.req.param('sweep'))),
  );
  return routes;
}

import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { studyClaims } from '../claims/readClaims.ts';
import type { Inspection } from '../contract/checkpoint.ts';
import { SetRoots } from '../contract/discovery.ts';
import { EditStudy } from '../contract/editStudy.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { CreateStudy, OpenStudy, RunStudy, type Health, type Listing } from '../contract/routes.ts';
import { StudyOptions } from '../contract/study.ts';
import { measureInfo } from '../measures/registry.ts';
import { tensorDirectory } from '../study/tensorDirectory.ts';
import type { CheckpointScanner } from './CheckpointScanner.ts';
import { errorReply } from './errorReply.ts';
import { eventStream } from './eventStream.ts';
import type { Handler } from './guard.ts';
import { labelledAlignments } from './labelledAlignments.ts';
import { inspectionSummary } from './inspectionSummary.ts';
import { alignmentReport } from './alignmentReport.ts';
import { curvesReply } from './curvesReply.ts';
import { consensusReply } from './consensusReply.ts';
import { labRoutes } from './labRoutes.ts';
import type { LabSweeps } from './LabSweeps.ts';
import { mapReply } from './mapReply.ts';
import { rowsReply } from './rowsReply.ts';
import { requestBody } from './requestBody.ts';
import { SECURITY_HEADERS } from './securityHeaders.ts';
import { stripeRoutes } from './stripeRoutes.ts';
import type { StudyHub } from './StudyHub.ts';

/** Everything that the handler can do; it knows no file system, no process and no socket itself. */
export interface Services {
  readonly hub: StudyHub;
  readonly sweeps: LabSweeps;
  readonly checkpoints: CheckpointScanner;
  readonly health: () => Health;
  /** Folders below a path; null is the user's home. */
  readonly browse: (path: string | null) => Listing;
  readonly inspect: (path: string) => Inspection;
  /** The built pages; null for what is not one of them. */
  readonly pages: (request: Request) => Response | null;
  readonly log: (message: string) => void;
}

const LARGEST_BODY = 2 ** 20;

function requiredPath(path: string | undefined): string {
  if (!path) throw new PolarimeterError('usage', 'the query names no path', 'path');
  return path;
}

function requiredTensor(tensor: string | undefined): string {
  if (!tensor) throw new PolarimeterError('usage', 'the query names no tensor', 'tensor');
  return tensor;
}

function checkpointRoutes({ checkpoints }: Services): Hono {
  const routes = new Hono();
  routes.get('/', (c) => c.json(checkpoints.view()));
  routes.post('/scan', (c) => c.json(checkpoints.scan(), 202));
  routes.post('/cancel', async (c) => c.json(await checkpoints.cancel()));
  routes.put('/roots', async (c) =>
    c.json(await checkpoints.setRoots((await requestBody(c.req, SetRoots)).roots)),
  );
  return routes;
}

function studyRoutes({ hub, sweeps }: Services): Hono {
  const routes = new Hono();
  routes.get('/', (c) => c.json(hub.list()));
  routes.post('/', async (c) => c.json({ id: hub.create(await requestBody(c.req, CreateStudy)) }, 201));
  routes.post('/open', async (c) => c.json({ id: hub.open((await requestBody(c.req, OpenStudy)).path) }));
  routes.get('/:id', (c) => c.json(hub.get(c.req.param('id')).view()));
  routes.put('/:id', async (c) => c.json(hub.edit(c.req.param('id'), await requestBody(c.req, EditStudy))));
  routes.post('/:id/forget', (c) => {
    hub.forget(c.req.param('id'));
    return c.json(hub.list());
  });
  routes.get('/:id/alignment-report', (c) =>
    c.json(alignmentReport(labelledAlignments(hub.get(c.req.param('id')).study))),
  );
  routes.get('/:id/rows', async (c) =>
    c.json(await hub.get(c.req.param('id')).read((study) => rowsReply(study, c.req.queries()))),
  );
  routes.get('/:id/consensus', async (c) =>
    c.json(await hub.get(c.req.param('id')).read((study) => consensusReply(study, c.req.queries()))),
  );
  routes.get('/:id/map', async (c) =>
    c.json(await hub.get(c.req.param('id')).read((study) => mapReply(study, c.req.queries()))),
  );
  routes.get('/:id/claims', async (c) => c.json(await hub.get(c.req.param('id')).read(studyClaims)));
  routes.get('/:id/tensors', (c) => {
    const { file, alignments } = hub.get(c.req.param('id')).study;
    return c.json(tensorDirectory(file, alignments));
  });
  routes.get('/:id/curves', (c) =>
    c.json(curvesReply(hub.get(c.req.param('id')).study, requiredTensor(c.req.query('tensor')))),
  );
  routes.post('/:id/run', async (c) =>
    c.json(hub.run(c.req.param('id'), await requestBody(c.req, RunStudy)), 202),
  );
  routes.post('/:id/cancel', (c) => c.json(hub.cancel(c.req.param('id')), 202));
  routes.route('/', stripeRoutes(hub));
  routes.route('/', labRoutes(hub, sweeps));
  routes.get('/:id/events', (c) => eventStream(hub.get(c.req.param('id'))));
  return routes;
}

/**
 * The one handler behind every door: the API under /api, the pages under everything else. Errors are { error: ErrorBody } with the
 * status of their kind.
 */
export function createHandler(services: Services): Handler {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.res.headers.set(name, value);
  });
  const tooLarge = (): never => {
    throw new PolarimeterError('payload-too-large', 'the request is too large');
  };
  app.use('/api/*', bodyLimit({ maxSize: LARGEST_BODY, onError: tooLarge }));
  app.get('/api/health', (c) => c.json(services.health()));
  app.get('/api/browse', (c) => c.json(services.browse(c.req.query('path') ?? null)));
  app.get('/api/inspect', (c) =>
    c.json(inspectionSummary(services.inspect(requiredPath(c.req.query('path'))))),
  );
  app.get('/api/measures', (c) => c.json(measureInfo(StudyOptions.parse({}))));
  app.route('/api/checkpoints', checkpointRoutes(services));
  app.post('/api/demo', (c) => c.json({ id: services.hub.openDemo() }));
  app.route('/api/studies', studyRoutes(services));
  app.notFound((c) => {
    const page = c.req.path.startsWith('/api') ? null : services.pages(c.req.raw);
    if (page) return page;
    throw new PolarimeterError('not-found', 'there is nothing at this address', c.req.path);
  });
  app.onError((error) => errorReply(error, services.log));
  return async (request) => app.fetch(request);
}

import { z } from 'zod';
import { AlignmentReport } from '../../src-main/contract/alignmentReport.ts';
import { ClaimsDocument } from '../../src-main/contract/claim.ts';
import { CheckpointScan } from '../../src-main/contract/discovery.ts';
import type { EditStudy } from '../../src-main/contract/editStudy.ts';
import { MeasureInfo } from '../../src-main/contract/measure.ts';
import { MapDocument, unpackMap, type MapTable } from '../../src-main/contract/map.ts';
import {
  type CreateStudy,
  Health,
  InspectionSummary,
  Listing,
  type RowsQuery,
  type RunStudy,
  StudyId,
  StudySummary,
  StudyView,
} from '../../src-main/contract/routes.ts';
import {
  type Consensus,
  ConsensusDocument,
  type Curve,
  CurvesDocument,
  type Row,
  RowsDocument,
} from '../../src-main/contract/rows.ts';
import { Progress } from '../../src-main/contract/study.ts';
import {
  StepsDocument,
  type StepsQuery,
  TILE_COLUMNS_HEADER,
  TILE_ROWS_HEADER,
  type TileQuery,
  WeightDocument,
  type WeightQuery,
} from '../../src-main/contract/stripes.ts';
import { TensorsDocument } from '../../src-main/contract/tensors.ts';
import { ApiFailure, Problem, UNREACHABLE, UNREADABLE } from './problem.ts';

/** What this page asks of fetch. */
export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export type Fetch = (path: string, init: CallOptions) => Promise<Response>;

const Failed = z.object({ error: Problem });

/** The one way from this page to the engine. Every call ends in a checked value or in an ApiFailure that says what to do. */
export class ApiClient {
  readonly #fetch: Fetch;
  readonly #token: string | null;

  constructor(fetch: Fetch, token: string | null) {
    this.#fetch = fetch;
    this.#token = token;
  }

  health(): Promise<Health> {
    return this.get('/api/health', Health);
  }

  /** Folders below a path; null is the user's home. */
  browse(path: string | null): Promise<Listing> {
    return this.get(path === null ? '/api/browse' : `/api/browse?${query({ path: [path] })}`, Listing);
  }

  inspect(path: string): Promise<InspectionSummary> {
    return this.get(`/api/inspect?${query({ path: [path] })}`, InspectionSummary);
  }

  studies(): Promise<StudySummary[]> {
    return this.get('/api/studies', z.array(StudySummary));
  }

  async create(study: z.input<typeof CreateStudy>): Promise<string> {
    return (await this.post('/api/studies', StudyId, study)).id;
  }

  async open(path: string): Promise<string> {
    return (await this.post('/api/studies/open', StudyId, { path })).id;
  }

  async openDemo(): Promise<string> {
    return (await this.post('/api/demo', StudyId)).id;
  }

  view(id: string): Promise<StudyView> {
    return this.get(`/api/studies/${id}`, StudyView);
  }

  async rows(id: string, filter: Partial<RowsQuery>): Promise<Row[]> {
    return (await this.get(`/api/studies/${id}/rows?${query(filter)}`, RowsDocument)).rows;
  }

  /** Every tensor that the study knows of, in the order of the model. */
  tensors(id: string): Promise<TensorsDocument> {
    return this.get(`/api/studies/${id}/tensors`, TensorsDocument);
  }

  /** Stored spectra, angles, profiles and histograms of a tensor, of all variants. */
  async curves(id: string, tensor: string): Promise<Curve[]> {
    return (await this.get(`/api/studies/${id}/curves?${query({ tensor: [tensor] })}`, CurvesDocument))
      .curves;
  }

  /** How many weights exactly c of the runs of each set changed, over a part of the model. */
  async consensus(id: string, part: Pick<RowsQuery, 'layers' | 'module'>): Promise<Consensus[]> {
    return (await this.get(`/api/studies/${id}/consensus?${query(part)}`, ConsensusDocument)).sets;
  }

  /** One measure of every module of every layer, or of every tensor of one module. */
  async map(
    id: string,
    { measure, per, module }: { measure: string; per: RowsQuery['per']; module: string | null },
  ): Promise<MapTable> {
    const asked = query({ measure: [measure], per, module: module === null ? [] : [module] });
    return unpackMap(await this.get(`/api/studies/${id}/map?${asked}`, MapDocument));
  }

  /** What the stored results say about every published claim. */
  claims(id: string): Promise<ClaimsDocument> {
    return this.get(`/api/studies/${id}/claims`, ClaimsDocument);
  }

  /** One tile of the stripe map: a byte per pixel, as `REDUCTIONS` says. */
  async tile(
    id: string,
    { variant, ...rest }: TileQuery,
    signal: AbortSignal,
  ): Promise<{ bytes: Uint8Array<ArrayBuffer>; rows: number; columns: number }> {
    const path = `/api/studies/${id}/tile?${query({ variant, ...words(rest) })}`;
    const reply = await this.#reply(path, { signal });
    const bytes = await bytesOf(reply, signal);
    const [rows = 0, columns = 0] = [TILE_ROWS_HEADER, TILE_COLUMNS_HEADER].map((name) =>
      Number(reply.headers.get(name)),
    );
    if (rows === 0 || rows * columns !== bytes.length) throw new ApiFailure({ ...UNREADABLE, where: path });
    return { bytes, rows, columns };
  }

  /** How far weights of which magnitude moved. */
  steps(id: string, asked: StepsQuery, signal: AbortSignal): Promise<StepsDocument> {
    return this.#checked(`/api/studies/${id}/steps?${query(words(asked))}`, StepsDocument, { signal });
  }

  /** One weight on all sides. */
  weight(id: string, { variant, ...rest }: WeightQuery, signal: AbortSignal): Promise<WeightDocument> {
    const path = `/api/studies/${id}/weight?${query({ variant, ...words(rest) })}`;
    return this.#checked(path, WeightDocument, { signal });
  }

  /** Replaces what a study consists of; the reply is the study as it is then. */
  edit(id: string, edit: z.input<typeof EditStudy>): Promise<StudyView> {
    return this.#send('PUT', `/api/studies/${id}`, StudyView, edit);
  }

  /** Takes a study off the recent list. */
  forget(id: string): Promise<StudySummary[]> {
    return this.post(`/api/studies/${id}/forget`, z.array(StudySummary));
  }

  /** Every tensor of every variant, in columns. */
  alignmentReport(id: string): Promise<AlignmentReport> {
    return this.get(`/api/studies/${id}/alignment-report`, AlignmentReport);
  }

  /** Every measure that there is, with its usual parameters. */
  allMeasures(): Promise<MeasureInfo[]> {
    return this.get('/api/measures', z.array(MeasureInfo));
  }

  /** The search for checkpoints on the engine's machine, as it stands. */
  checkpoints(): Promise<CheckpointScan> {
    return this.get('/api/checkpoints', CheckpointScan);
  }

  scanCheckpoints(): Promise<CheckpointScan> {
    return this.post('/api/checkpoints/scan', CheckpointScan);
  }

  cancelScan(): Promise<CheckpointScan> {
    return this.post('/api/checkpoints/cancel', CheckpointScan);
  }

  setRoots(roots: readonly string[]): Promise<CheckpointScan> {
    return this.#send('PUT', '/api/checkpoints/roots', CheckpointScan, { roots });
  }

  run(id: string, limits: Partial<RunStudy> = {}): Promise<Progress> {
    return this.post(`/api/studies/${id}/run`, Progress, limits);
  }

  cancel(id: string): Promise<Progress> {
    return this.post(`/api/studies/${id}/cancel`, Progress);
  }

  /** The open stream of a study's progress; see watchProgress. */
  events(id: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return this.stream(`/api/studies/${id}/events`, signal);
  }

  /** The open body of a reply that goes on. */
  async stream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#reply(path, { signal });
    if (!body) throw new ApiFailure(UNREADABLE);
    return body;
  }

  /** A checked reply, for the clients of single pages too. */
  get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.#checked(path, schema, {});
  }

  post<T>(path: string, schema: z.ZodType<T>, body: unknown = {}): Promise<T> {
    return this.#send('POST', path, schema, body);
  }

  #send<T>(method: 'POST' | 'PUT', path: string, schema: z.ZodType<T>, body: unknown): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    return this.#checked(path, schema, { method, headers, body: JSON.stringify(body) });
  }

  async #checked<T>(path: string, schema: z.ZodType<T>, init: CallOptions): Promise<T> {
    const reply = await this.#reply(path, init);
    const parsed = schema.safeParse(await json(reply));
    if (!parsed.success)
      throw new ApiFailure({
        ...UNREADABLE,
        where: `${path}: ${parsed.error.issues[0]?.path.join('.') ?? ''}`,
      });
    return parsed.data;
  }

  async #reply(path: string, init: CallOptions): Promise<Response> {
    const secret = this.#token === null ? {} : { authorization: `Bearer ${this.#token}` };
    let reply: Response;
    try {
      reply = await this.#fetch(path, { ...init, headers: { ...init.headers, ...secret } });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ApiFailure(UNREACHABLE);
    }
    if (reply.ok) return reply;
    const failed = Failed.safeParse(await json(reply));
    throw new ApiFailure(failed.success ? failed.data.error : UNREADABLE);
  }
}

/** The body of a reply; one that breaks off is an engine that went away. */
async function bytesOf(reply: Response, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await reply.arrayBuffer());
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiFailure(UNREACHABLE);
  }
}

async function json(reply: Response): Promise<unknown> {
  try {
    return await reply.json();
  } catch {
    throw new ApiFailure(UNREADABLE);
  }
}

/** Single values as the lists that `query` takes. */
function words(values: Readonly<Record<string, string | number>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [String(value)]]));
}

function query(values: Readonly<Record<string, readonly string[] | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, list] of Object.entries(values))
    for (const value of list ?? []) search.append(name, value);
  return search.toString();
}

import { utimesSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import {
  StepsDocument,
  TILE_COLUMNS_HEADER,
  TILE_ROWS_HEADER,
  WeightDocument,
} from '../../src-main/contract/stripes.ts';
import { createHandler } from '../../src-main/api/createHandler.ts';
import { startServer } from '../../src-main/api/startServer.ts';
import { bf16Bits, writeCheckpoint } from '../fixtures/checkpoints.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import {
  baseWeight,
  COLUMNS,
  CUBE,
  isMoved,
  movedWeight,
  NORM,
  ROWS,
  studyOf,
  WIDE,
} from './plantedStripes.ts';
import { refusal, workbench } from './workbench.ts';

const home = tempFolder();
const bench = workbench(join(home, 'bench'));
let id = '';
beforeAll(async () => {
  ({ id } = await studyOf(bench, join(home, 'main')));
});

type Query = Record<string, string | number | readonly string[]>;

function address(route: string, query: Query, study = id): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const each of [value].flat()) search.append(name, String(each));
  return `/api/studies/${study}/${route}?${search.toString()}`;
}

const TILE = { tensor: WIDE, variant: 'one', reduce: 'density', level: 0, row: 0, column: 0 };
const WEIGHT = { tensor: WIDE, variant: 'one', row: 0, column: 0 };

async function tile(query: Query): Promise<{ rows: number; columns: number; bytes: Uint8Array }> {
  const reply = await bench.call('GET', address('tile', { ...TILE, ...query }));
  if (!reply.ok) throw new Error(await reply.text());
  expect(reply.headers.get('content-type')).toBe('application/octet-stream');
  expect(reply.headers.get('cache-control')).toBe('no-store');
  return {
    rows: Number(reply.headers.get(TILE_ROWS_HEADER)),
    columns: Number(reply.headers.get(TILE_COLUMNS_HEADER)),
    bytes: new Uint8Array(await reply.arrayBuffer()),
  };
}

describe('tiles', () => {
  it('cover the matrix, smaller at the right and lower edge, a byte for each weight at level 0', async () => {
    for (const [row, rows] of [
      [0, 256],
      [1, 44],
    ] as const) {
      for (const [column, columns] of [
        [0, 256],
        [1, 256],
        [2, 8],
      ] as const) {
        const { bytes, ...size } = await tile({ row, column });
        expect(size).toEqual({ rows, columns });
        const expected = Uint8Array.from({ length: rows * columns }, (_, i) => {
          const at = (256 * row + Math.floor(i / columns)) * COLUMNS + 256 * column + (i % columns);
          return isMoved(at, 0) ? 255 : 0;
        });
        expect(Buffer.compare(bytes, expected)).toBe(0);
      }
    }
  });

  it('say which way and how far, and where a side is not a number', async () => {
    const steps = new Int8Array((await tile({ variant: 'two', reduce: 'steps' })).bytes.buffer);
    // Away from zero: up where the weight is positive.
    const expected = Array.from({ length: 12 }, (_, i) =>
      i === 7 ? -128 : isMoved(i, 1) ? (i % 2 === 0 ? 1 : -1) : 0,
    );
    expect([...steps.subarray(0, 12)]).toEqual(expected);
    expect(steps[256 + 80]).toBe(-128);
    const direction = new Int8Array(
      (await tile({ variant: 'one', reduce: 'direction', level: 9 })).bytes.buffer,
    );
    // Run 0 moves the weights of even places alone, which are positive.
    expect([...direction]).toEqual([127, 127]);
  });

  it('share what runs agree on, weights that are not numbers in any left out', async () => {
    const { rows, columns, bytes } = await tile({ variant: ['one', 'two'], reduce: 'consensus', level: 24 });
    let changed = 0;
    for (let i = 0; i < ROWS * COLUMNS; i++)
      if (i !== 7 && i !== 600) changed += Number(isMoved(i, 0)) + Number(isMoved(i, 1));
    expect({ rows, columns, bytes: [...bytes] }).toEqual({
      rows: 1,
      columns: 1,
      bytes: [Math.round((255 * changed) / (2 * (ROWS * COLUMNS - 2)))],
    });
  });

  it('lay vectors out as one row, and more than two dimensions as rows of all but the first', async () => {
    expect(await tile({ tensor: NORM })).toMatchObject({ rows: 1, columns: 64 });
    expect(await tile({ tensor: CUBE })).toMatchObject({ rows: 4, columns: 15 });
  });

  it('are made once, and kept for whoever asks again', async () => {
    const made = vi.spyOn(bench.hub.kernels, 'changeTile');
    const query = { level: 3, reduce: 'steps' };
    expect(await tile(query)).toEqual(await tile(query));
    expect(made).toHaveBeenCalledTimes(1);
    for (const other of [
      { level: 4 },
      { reduce: 'density' },
      { variant: 'odd' },
      { tensor: NORM },
      { row: 1, level: 0 },
    ])
      await tile({ ...query, ...other });
    expect(made).toHaveBeenCalledTimes(6);
    made.mockRestore();
  });

  it('of a file that changed are an error, also where one was shown before', async () => {
    const other = await studyOf(bench, join(home, 'changing'));
    const ask = (): Promise<Response> => bench.call('GET', address('tile', TILE, other.id));
    expect((await ask()).status).toBe(200);
    const file = join(other.files.one ?? '', 'model.safetensors');
    utimesSync(file, new Date(), new Date());
    expect(await refusal(await ask())).toEqual({ status: 409, code: 'file-changed', where: file });
    for (const route of ['steps', 'weight']) {
      const reply = await bench.call('GET', address(route, WEIGHT, other.id));
      expect(await refusal(reply)).toMatchObject({ code: 'file-changed', where: file });
    }
  });

  it('of a file that was replaced are of what is in it now, once its writer is done', async () => {
    const { id: replaced, files } = await studyOf(bench, join(home, 'replaced'));
    const ask = (): Promise<Response> => bench.call('GET', address('tile', TILE, replaced));
    const bytes = async (): Promise<Buffer> => Buffer.from(await (await ask()).arrayBuffer());
    const before = await bytes();
    // Another run, whose tensors lie elsewhere in the file.
    const tensors = [
      { name: 'ahead', dtype: 'F32', shape: [999], data: Array.from({ length: 999 }, (_, i) => i) },
      {
        name: WIDE,
        dtype: 'BF16',
        shape: [ROWS, COLUMNS],
        data: Array.from({ length: ROWS * COLUMNS }, (_, i) => movedWeight(i, 1)),
      },
    ];
    writeCheckpoint(files.one ?? '', { tensors });
    expect(await refusal(await ask())).toMatchObject({ code: 'file-changed' });
    const settled = new Date(Date.now() - 60_000);
    utimesSync(join(files.one ?? '', 'model.safetensors'), settled, settled);
    const revision = bench.hub.get(replaced).latest().revision;
    const after = await bytes();
    const expected = Uint8Array.from({ length: 256 * 256 }, (_, i) =>
      isMoved(Math.floor(i / 256) * COLUMNS + (i % 256), 1) ? 255 : 0,
    );
    expect(Buffer.compare(after, expected)).toBe(0);
    expect(Buffer.compare(after, before)).not.toBe(0);
    expect(bench.hub.get(replaced).latest().revision).toBeGreaterThan(revision);
  });

  it('end when the request is aborted', async () => {
    const handler = createHandler(bench.services);
    const signal = AbortSignal.abort();
    for (const [route, query] of [
      ['tile', { ...TILE, level: 1 }],
      ['steps', WEIGHT],
      ['weight', WEIGHT],
    ] as const) {
      const reply = await handler(new Request(`http://127.0.0.1:1${address(route, query)}`, { signal }));
      expect(await refusal(reply)).toMatchObject({ status: 499, code: 'cancelled' });
    }
  });

  it('are no longer made for a reader who hangs up', async () => {
    const started = Promise.withResolvers<undefined>();
    const ended = Promise.withResolvers<string>();
    const making = vi.spyOn(bench.hub.kernels, 'changeTile').mockImplementation(
      (_, { signal } = {}) =>
        new Promise((__, reject) => {
          started.resolve(undefined);
          signal?.addEventListener('abort', () => {
            ended.resolve('aborted');
            reject(new PolarimeterError('cancelled', 'the operation was cancelled'));
          });
        }),
    );
    const socketPath = join(home, 'socket');
    const server = await startServer({
      listen: { socketPath },
      token: null,
      handler: createHandler(bench.services),
      endRequests: () => bench.hub.close(),
    });
    const asking = request({
      socketPath,
      path: address('tile', { ...TILE, level: 5 }),
      headers: { host: 'localhost' },
    });
    asking.on('error', () => undefined).end();
    await started.promise;
    asking.destroy();
    expect(await ended.promise).toBe('aborted');
    making.mockRestore();
    await server.close();
  });
});

describe('steps by magnitude', () => {
  it('count every weight once, by the exponent of the reference', async () => {
    const document = StepsDocument.parse(await bench.get(address('steps', { tensor: WIDE, variant: 'two' })));
    expect(document).toMatchObject({ tensor: WIDE, variant: 'two', reference: 'base', invalid: 2 });
    expect(document.magnitudes.map(({ exponent }) => exponent)).toEqual([
      -9, -8, -7, -6, -5, -4, -3, -2, -1, 0,
    ]);
    const whole = Array.from({ length: ROWS * COLUMNS }, (_, i) => i).filter((i) => i !== 7 && i !== 600);
    for (const { exponent, weights, up, down } of document.magnitudes) {
      const here = whole.filter((i) => i % 10 === -(exponent ?? 1));
      const moved = here.filter((i) => isMoved(i, 1));
      const rising = moved.filter((i) => i % 2 === 0).length;
      const rest = [0, 0, 0, 0, 0, 0, 0, 0, 0];
      expect(weights).toBe(here.length);
      expect(up).toEqual([here.length - moved.length, rising, ...rest]);
      expect(down).toEqual([0, moved.length - rising, ...rest]);
    }
  });
});

describe('one weight', () => {
  it('is read as it is stored on all sides', async () => {
    const query = { tensor: WIDE, variant: ['one', 'two'], row: 1, column: 80 };
    const weight = WeightDocument.parse(await bench.get(address('weight', query)));
    expect(weight).toMatchObject({ row: 1, column: 80, reference: baseWeight(600) });
    expect(weight.variants).toEqual([
      {
        variant: 'one',
        value: movedWeight(600, 0),
        steps: bf16Bits(movedWeight(600, 0)) - bf16Bits(baseWeight(600)),
      },
      { variant: 'two', value: 'NaN', steps: null },
    ]);
  });
});

describe('refusals name their code and place', () => {
  it.each<[string, string, Query, RegExp]>([
    ['tile', 'tensor', { tensor: '' }, /./],
    ['tile', 'tensor', { tensor: WIDE.slice(0, -1) }, /did you mean model\.layers/],
    ['tile', 'tensor', { tensor: 'model.embed_tokens.weight', variant: 'odd' }, /the shapes differ/],
    ['tile', 'variant', { variant: [] }, /./],
    ['tile', 'variant', { variant: 'three' }, /no such variant: "three"/],
    ['tile', 'variant', { variant: ['one', 'two'] }, /only consensus/],
    ['tile', 'variant', { variant: ['one', 'next'], reduce: 'consensus' }, /"one" is compared with "base"/],
    ['tile', 'reduce', { reduce: 'mean' }, /./],
    ['tile', 'level', { level: 25 }, /./],
    ['tile', 'level', { level: 'high' }, /./],
    ['tile', 'row', { row: -1 }, /./],
    ['tile', 'row', { row: 2 }, /no row 2 of tiles at level 0; the last is 1/],
    ['tile', 'column', { column: 1, level: 2 }, /no column 1 of tiles at level 2; the last is 0/],
    ['steps', 'variant', { variant: [] }, /./],
    ['steps', 'tensor', { tensor: 'nothing' }, /compares no tensor "nothing"/],
    ['weight', 'row', { row: ROWS }, /no row 300 in this tensor; the last is 299/],
    ['weight', 'column', { column: COLUMNS }, /no column 520/],
    ['weight', 'column', { column: 0.5 }, /./],
    ['weight', 'variant', { variant: ['one', 'next'] }, /"next" with "one"/],
  ])('%s, its %s: %o', async (route, where, wrong, message) => {
    const reply = await bench.call('GET', address(route, { ...TILE, ...wrong }));
    const { error } = (await reply.clone().json()) as { error: { message: string } };
    expect(await refusal(reply)).toEqual({ status: 400, code: 'usage', where });
    expect(error.message).toMatch(message);
  });

  it('of a study that is not open', async () => {
    for (const [route, query] of [
      ['tile', TILE],
      ['steps', WEIGHT],
      ['weight', WEIGHT],
    ] as const) {
      const reply = await bench.call('GET', address(route, query, 'AAAAAAAAAAAAAAAA'));
      expect(await refusal(reply)).toMatchObject({ status: 404, code: 'not-found' });
    }
  });
});

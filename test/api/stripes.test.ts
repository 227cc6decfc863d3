import { mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { StudyId } from '../../src-main/contract/routes.ts';
import {
  StepsDocument,
  TILE_COLUMNS_HEADER,
  TILE_ROWS_HEADER,
  WeightDocument,
} from '../../src-main/contract/stripes.ts';
import { createHandler } from '../../src-main/api/createHandler.ts';
import { bf16Bits, writeCheckpoint } from '../fixtures/checkpoints.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { refusal, workbench, type Workbench } from './workbench.ts';

const ROWS = 300;
const COLUMNS = 520;
const WIDE = 'model.layers.0.mlp.down_proj.weight';
const NORM = 'model.norm.weight';
const CUBE = 'model.patch_embed.weight';

/** Weights of every magnitude from 2^-9 to 1. */
const baseWeight = (i: number): number => (i % 2 === 0 ? 1 : -1) * 2 ** -(i % 10) * (1 + (i % 128) / 128);
const isMoved = (i: number, run: number): boolean => i % (run + 2) === 0;
/** One bf16 step away from zero where a run moves the weight. */
const movedWeight = (i: number, run: number): number => {
  const step = (i % 2 === 0 ? 1 : -1) * 2 ** (-(i % 10) - 7);
  return baseWeight(i) + (isMoved(i, run) ? step : 0);
};

function checkpoint(folder: string, run: number | null, spoiled: readonly number[] = []): string {
  const data = (size: number): number[] =>
    Array.from({ length: size }, (_, i) => (run === null ? baseWeight(i) : movedWeight(i, run)));
  const wide = data(ROWS * COLUMNS);
  for (const at of spoiled) wide[at] = Number.NaN;
  const tensors = [
    { name: WIDE, dtype: 'BF16', shape: [ROWS, COLUMNS], data: wide },
    { name: NORM, dtype: 'F32', shape: [64], data: data(64) },
    { name: CUBE, dtype: 'BF16', shape: [4, 3, 5], data: data(60) },
    {
      name: 'model.embed_tokens.weight',
      dtype: 'BF16',
      shape: [run === 2 ? 9 : 8, run === 2 ? 5 : 4],
      data: data(run === 2 ? 45 : 32),
    },
  ];
  return writeCheckpoint(folder, { tensors });
}

async function studyOf(
  bench: Workbench,
  home: string,
): Promise<{ id: string; files: Record<string, string> }> {
  mkdirSync(home, { recursive: true });
  const files = {
    base: checkpoint(join(home, 'base'), null),
    one: checkpoint(join(home, 'one'), 0),
    two: checkpoint(join(home, 'two'), 1, [7, 600]),
    odd: checkpoint(join(home, 'odd'), 2),
    next: checkpoint(join(home, 'next'), 1),
  };
  const variants = [
    { label: 'one', role: 'sft', path: files.one },
    { label: 'two', role: 'rl', path: files.two },
    { label: 'odd', role: 'rl', path: files.odd },
    { label: 'next', role: 'rl', path: files.next, from: 'one' },
  ];
  const body = { folder: join(home, 'study'), name: 'stripes', base: files.base, variants };
  return { id: StudyId.parse(await bench.post('/api/studies', body)).id, files };
}

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
    utimesSync(file, new Date(), new Date(Date.now() - 60_000));
    expect(await refusal(await ask())).toEqual({ status: 409, code: 'file-changed', where: file });
    for (const route of ['steps', 'weight']) {
      const reply = await bench.call('GET', address(route, WEIGHT, other.id));
      expect(await refusal(reply)).toMatchObject({ code: 'file-changed', where: file });
    }
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

/** The stripe map: every weight of a matrix as a pixel, reduced on demand to tiles of one byte per pixel. */
import { z } from 'zod';
import { NumberOrWord } from './rows.ts';

/** Pixels along a side of a tile. At level z a pixel covers 2^z x 2^z weights; tiles at the right and lower edge are smaller. */
export const TILE_SIDE = 256;

/** Above this level the largest matrix that is read fits into one pixel. */
export const HIGHEST_LEVEL = 24;

/**
 * What a pixel says about the weights that it covers; one byte each, in row-major order. A weight has changed when b(w') != b(w), b(x) being
 * x rounded to bfloat16; its steps are the signed distance of the two on the ordered bfloat16 line. A weight that is NaN or infinite on
 * one side is in no share and no mean; for consensus, one that is so in any run.
 */
export const REDUCTIONS = {
  /** int8: the steps of the weight that moved most, cut to +-127; 0 when none changed; -128 when one is NaN or infinite. */
  steps: 'largest change, in signed bf16 steps',
  /** uint8: share of the weights that changed, times 255; 0 only when none did, 255 only when all did. */
  density: 'share of weights changed',
  /** int8: (up - down) / changed, times 127; -128 when none changed. */
  direction: 'mean direction of the changed weights',
  /** uint8: mean share of the runs that changed the weight, times 255; 0 only when none did, 255 only when all changed all. */
  consensus: 'share of runs that changed the weight',
} as const;
export type Reduction = keyof typeof REDUCTIONS;
export const REDUCTION_IDS = Object.keys(REDUCTIONS) as [Reduction, ...Reduction[]];

/** The byte of a signed reduction that stands for no value. */
export const NO_DIRECTION = -128;

/**
 * GET /api/studies/:id/tile?tensor=&variant=&reduce=&level=&row=&column= replies application/octet-stream. `variant` is repeated for
 * consensus, given once otherwise; row and column count tiles of the level. The headers polarimeter-rows and polarimeter-columns say
 * how many pixels came.
 */
export const TileQuery = z.object({
  tensor: z.string().min(1),
  variant: z.array(z.string()).min(1).max(64),
  reduce: z.enum(REDUCTION_IDS),
  level: z.coerce.number().int().min(0).max(HIGHEST_LEVEL),
  row: z.coerce.number().int().nonnegative(),
  column: z.coerce.number().int().nonnegative(),
});
export type TileQuery = z.infer<typeof TileQuery>;

export const TILE_ROWS_HEADER = 'polarimeter-rows';
export const TILE_COLUMNS_HEADER = 'polarimeter-columns';

/** Names of the bins of |steps|, from unchanged to more than 256. */
export const STEP_BINS = [
  '0',
  '1',
  '2',
  '3–4',
  '5–8',
  '9–16',
  '17–32',
  '33–64',
  '65–128',
  '129–256',
  '> 256',
] as const;

/** GET /api/studies/:id/steps?tensor=&variant= */
export const StepsQuery = z.object({ tensor: z.string().min(1), variant: z.string() });
export type StepsQuery = z.infer<typeof StepsQuery>;

/** The reply of steps: how far weights of which magnitude moved */
export const StepsDocument = z.object({
  schema: z.literal('polarimeter.steps/1'),
  tensor: z.string(),
  variant: z.string(),
  reference: z.string(),
  /** Weights that are NaN or infinite on either side, counted nowhere else. */
  invalid: z.number().int(),
  /** One entry per binary exponent e of b(w) that occurs, ascending: 2^e <= |b(w)| < 2^(e+1); null is zero and subnormal. */
  magnitudes: z.array(
    z.object({
      exponent: z.number().int().nullable(),
      /**
       * Weights of this magnitude, and how many of them moved up, in STEP_BINS, and down. The first bin of `up` is unchanged, that of
       * `down` is 0: both lists add up to `weights`.
       */
      weights: z.number().int(),
      up: z.array(z.number().int()).length(STEP_BINS.length),
      down: z.array(z.number().int()).length(STEP_BINS.length),
    }),
  ),
});
export type StepsDocument = z.infer<typeof StepsDocument>;

/** GET /api/studies/:id/weight?tensor=&variant=&row=&column= ; `variant` may be repeated for variants of one reference. */
export const WeightQuery = z.object({
  tensor: z.string().min(1),
  variant: z.array(z.string()).min(1).max(64),
  row: z.coerce.number().int().nonnegative(),
  column: z.coerce.number().int().nonnegative(),
});
export type WeightQuery = z.infer<typeof WeightQuery>;

/** The reply of weight: one weight under the cursor, as it is stored on both sides */
export const WeightDocument = z.object({
  schema: z.literal('polarimeter.weight/1'),
  tensor: z.string(),
  row: z.number().int(),
  column: z.number().int(),
  reference: NumberOrWord,
  /** By variant, in the order asked; steps are null where a side is NaN or infinite. */
  variants: z.array(
    z.object({ variant: z.string(), value: NumberOrWord, steps: z.number().int().nullable() }),
  ),
});
export type WeightDocument = z.infer<typeof WeightDocument>;

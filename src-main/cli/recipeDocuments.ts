/** The JSON documents of commands about recipes. Each carries its schema's name. */
import { z } from 'zod';
import { Edit, MadeTensor, Recipe } from '../contract/recipe.ts';
import { Provenance } from '../exports/provenance.ts';

/** recipe new, reset, recipe pin: --json */
export const RecipeFileDocument = z.object({
  schema: z.literal('polarimeter.recipe-file/1'),
  /** Null where it was printed only. */
  path: z.string().nullable(),
  recipe: Recipe,
});

/** recipe show --json */
export const RecipePlan = z.object({
  schema: z.literal('polarimeter.recipe-plan/1'),
  path: z.string(),
  recipe: Recipe,
  tensors: z.number().int(),
  bytes: z.number(),
  edits: z.array(
    z.object({
      edit: Edit,
      /** Tensors that it changes, and how many of them are computed rather than taken as they are. */
      tensors: z.number().int(),
      computed: z.number().int(),
      bytes: z.number(),
    }),
  ),
  /** What else the edits do than what they are called; see confoundsOf. */
  confounds: z.array(z.string()),
  /** Tensors that come from other inputs as they are, and computed ones. */
  taken: z.number().int(),
  computed: z.number().int(),
  computedBytes: z.number(),
  /** Computed ones that are not in the work folder, those of inputs that are recipes as well. */
  missing: z.number().int(),
  missingBytes: z.number(),
  /** What is read to make them. */
  bytesRead: z.number(),
  /** Of the missing ones. */
  largest: z
    .object({ tensor: z.string(), shape: z.array(z.number().int()), float64Bytes: z.number() })
    .nullable(),
});
export type RecipePlan = z.infer<typeof RecipePlan>;

/** recipe make --json */
export const MadeDocument = z.object({
  schema: z.literal('polarimeter.made/1'),
  path: z.string(),
  tensors: z.array(MadeTensor),
});

/** recipe verify --json */
export const FunctionChangeDocument = z.object({
  schema: z.literal('polarimeter.function-change/1'),
  path: z.string(),
  /** The checkpoint that the recipe edits. */
  target: z.string(),
  weights: z.string(),
  texts: z.number().int(),
  positions: z.number().int(),
  /** Of log-probabilities centred at each position, over all tokens of the vocabulary and all positions. */
  maxLogitChange: z.number(),
  /** KL(target || recipe), nats, mean over positions. */
  meanKl: z.number(),
  /** Largest relative change of a per-head product of o_proj and v_proj before rounding; null where no edit preserves it. */
  productError: z.number().nullable(),
  /** Frobenius norms over the computed tensors. */
  rounding: z.number(),
  moved: z.number(),
});
export type FunctionChangeDocument = z.infer<typeof FunctionChangeDocument>;

/** recipe mergekit --json */
export const MergekitDocument = z.object({
  schema: z.literal('polarimeter.mergekit/1'),
  path: z.string(),
  /** The configuration, or null with the reason why there is none. */
  text: z.string().nullable(),
  reason: z.string().nullable(),
});

/** write --json */
export const WrittenDocument = z.object({
  schema: z.literal('polarimeter.written/1'),
  path: z.string(),
  files: z.array(z.string()),
  provenance: Provenance,
});

const CacheEntry = z.object({ kind: z.string(), files: z.number().int(), bytes: z.number() });

/** cache ls --json */
export const CacheDocument = z.object({
  schema: z.literal('polarimeter.cache/1'),
  folder: z.string(),
  entries: z.array(CacheEntry),
  files: z.number().int(),
  bytes: z.number(),
});
export type CacheDocument = z.infer<typeof CacheDocument>;

/** cache prune --json */
export const PrunedDocument = z.object({
  schema: z.literal('polarimeter.pruned/1'),
  folder: z.string(),
  files: z.number().int(),
  bytes: z.number(),
});

/** The ledger of published claims, and what a study says about each. */
import { z } from 'zod';
import { NumberOrWord, Role, Row } from './rows.ts';

export const VERDICTS = {
  supported: 'supported',
  contradicted: 'contradicted',
  open: 'open',
  'not-applicable': 'not applicable',
  needs: 'beyond weights',
} as const;
export type Verdict = keyof typeof VERDICTS;

/** What a claim needs before weights can say anything; null where they can. */
export const NEEDS = {
  weights: null,
  'model-run': 'needs a model run',
  trajectory: 'needs a trajectory',
  training: 'needs training runs',
} as const;

/** Who read a published number, where it was not read in the authors' own text or code. */
export const READINGS = {
  authors: null,
  'third-party': 'read by a third party',
  'computed-here': 'computed here from published data',
  'read-off-figure': 'read off a figure',
} as const;

const words = <T extends string>(table: Readonly<Record<T, unknown>>): [T, ...T[]] =>
  Object.keys(table) as [T, ...T[]];

/** A published number, as it is printed there. */
export const PublishedValue = z.object({
  label: z.string(),
  /** "" is exactly as printed; the others stand in front of the number. */
  qualifier: z.enum(['', 'about', 'below', 'above', 'at most', 'order of']),
  value: z.number(),
  /** Upper end where a range is published. */
  upTo: z.number().nullable(),
  /** As printed: "%", "°", or empty for a pure number. */
  unit: z.string(),
  /** What chance gives there, in the same unit, where it is published too. */
  baseline: z.number().nullable(),
  where: z.string(),
  reading: z.enum(words(READINGS)),
});
export type PublishedValue = z.infer<typeof PublishedValue>;

/** Two or more published claims that cannot all hold. */
export const ConflictInfo = z.object({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  question: z.string(),
  sides: z.string(),
});
export type ConflictInfo = z.infer<typeof ConflictInfo>;

export const ClaimInfo = z.object({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  title: z.string(),
  /** The published sentence in our words. */
  statement: z.string(),
  citations: z.array(z.object({ arxiv: z.string().nullable(), where: z.string() })).min(1),
  /** The definition used there, and where the study differs from it. */
  definition: z.string(),
  /** Conflict that it is a side of. */
  conflict: z.string().nullable(),
  /** The paper or subject that it is listed under when it is in no conflict. */
  section: z.string(),
  published: z.array(PublishedValue),
  /** What chance, rounding or counting alone would give. */
  chance: z.string(),
  /** Exactly what decides the verdict. */
  rule: z.string(),
  needs: z.enum(words(NEEDS)),
  /** Ids of the measures that the rule reads. */
  measures: z.array(z.string()),
});
export type ClaimInfo = z.infer<typeof ClaimInfo>;

/** One number of the study that the verdict rests on. */
export const ClaimEvidence = z.object({
  variant: z.string(),
  role: Role,
  reference: z.string(),
  /** The other variant of a measure of pairs. */
  partner: z.string().nullable(),
  measure: z.string(),
  level: Row.shape.level,
  module: z.string().nullable(),
  value: NumberOrWord.nullable(),
  unit: z.string(),
  baseline: NumberOrWord.nullable(),
  note: z.string(),
});
export type ClaimEvidence = z.infer<typeof ClaimEvidence>;

export const ClaimReading = z.object({
  claim: ClaimInfo,
  verdict: z.enum(words(VERDICTS)),
  /** One or two sentences with the numbers. */
  because: z.string(),
  evidence: z.array(ClaimEvidence),
});
export type ClaimReading = z.infer<typeof ClaimReading>;

/** GET /api/studies/:id/claims, and claims --json */
export const ClaimsDocument = z.object({
  schema: z.literal('polarimeter.claims/1'),
  study: z.string(),
  conflicts: z.array(ConflictInfo),
  /** In the order of the ledger: the sides of each conflict together, then by paper. */
  readings: z.array(ClaimReading),
});
export type ClaimsDocument = z.infer<typeof ClaimsDocument>;

/** The verdict in words: "supported", or "needs a trajectory". */
export function verdictWords({ claim, verdict }: Pick<ClaimReading, 'claim' | 'verdict'>): string {
  return verdict === 'needs' ? (NEEDS[claim.needs] ?? VERDICTS.needs) : VERDICTS[verdict];
}

/** A published number with its qualifier, range and unit: "about 1°", "36.3–91.7 %". */
export function publishedText({ qualifier, value, upTo, unit }: PublishedValue): string {
  const sign = unit === '%' ? ' %' : unit;
  const small = (x: number): string => (x !== 0 && Math.abs(x) < 1e-3 ? x.toExponential() : String(x));
  const range = upTo === null ? small(value) : `${small(value)}–${small(upTo)}`;
  return `${qualifier === '' ? '' : `${qualifier} `}${range}${sign}`;
}

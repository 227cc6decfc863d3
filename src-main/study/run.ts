import type { StudyOptions } from '../contract/study.ts';
import type { ElementPassResult } from '../kernels/elementPassResult.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import type { ElementEvidence, Evidence, Ingredient } from '../measures/evidence.ts';
import type { Measure } from '../measures/Measure.ts';
import type { MemoryBudget } from '../kernels/MemoryBudget.ts';
import type { Comparison } from './plan.ts';
import type { ProgressMeter } from './ProgressMeter.ts';
import type { RunSet } from './siblings.ts';
import type { Store } from './Store.ts';
import type { WantedMeasures } from './wanted.ts';

/** What every tensor of a run shares. */
export interface Run {
  readonly kernels: Kernels;
  readonly store: Store;
  readonly budget: MemoryBudget;
  readonly meter: ProgressMeter;
  readonly signal: AbortSignal;
  /** The measures that the study wants. */
  readonly measures: WantedMeasures;
  readonly options: StudyOptions;
  /** Sets of runs that are looked at together. */
  readonly sets: readonly RunSet[];
  /** State of every checkpoint file, by path, when the run began. */
  readonly identities: ReadonlyMap<string, string>;
  /** Stored tensors that are being hashed, by place: several derived ones may wait for the same. */
  readonly hashing: Map<string, Promise<string>>;
}

/** A comparison with the content of both sides known. */
export interface Pair extends Comparison {
  /** Content of both sides: what its results are stored under. */
  readonly key: string;
  readonly referenceHash: string;
  readonly variantHash: string;
  readonly missing: readonly Measure[];
}

/** Comparisons with the same reference whose common results are missing. */
export interface Together<T = Pair> {
  readonly pairs: readonly T[];
  /** Sets of runs among them. */
  readonly sets: readonly (readonly T[])[];
}

/** One element pass over variants of one reference. */
export interface ElementPass {
  readonly pairs: readonly Pair[];
  readonly result: ElementPassResult;
}

/** What the element passes found out about the pairs of an item. */
export interface ElementOutcome {
  readonly elements: ReadonlyMap<Pair, ElementEvidence>;
  readonly passes: readonly ElementPass[];
  readonly method: string;
}

type Spectral = Exclude<Ingredient, 'elements' | 'profiles'>;

/** What the decompositions found out about a pair; null where it was not asked for or is not defined. */
export type SpectralEvidence = Pick<Evidence, Spectral>;

/** What the decompositions found out about a pair, or why they could not. */
export type SpectralOutcome =
  | {
      readonly evidence: SpectralEvidence;
      /** Largest relative residual of the decompositions. */
      readonly residual: number;
      readonly method: string;
    }
  | {
      readonly reason: string;
      /** Another run with other limits may do better: not kept as a result. */
      readonly passing: boolean;
    };

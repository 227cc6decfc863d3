import type { Kernels } from '../kernels/Kernels.ts';
import type {
  AngleEvidence,
  ElementEvidence,
  EnergyEvidence,
  SpectrumEvidence,
} from '../measures/evidence.ts';
import type { Measure } from '../measures/Measure.ts';
import type { MemoryBudget } from './MemoryBudget.ts';
import type { Comparison } from './plan.ts';
import type { ProgressMeter } from './ProgressMeter.ts';
import type { Store } from './Store.ts';

/** What every tensor of a run shares. */
export interface Run {
  readonly kernels: Kernels;
  readonly store: Store;
  readonly budget: MemoryBudget;
  readonly meter: ProgressMeter;
  readonly signal: AbortSignal;
  /** The measures of one variant that the study wants. */
  readonly measures: readonly Measure[];
  /** Thresholds of the tolerance sweep. */
  readonly thresholds: readonly number[];
  /** Whether the cosines between updates are wanted. */
  readonly cosines: boolean;
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

/** Two comparisons with the same reference. */
export interface Sibling {
  readonly a: Pair;
  readonly b: Pair;
  readonly key: string;
}

/** What the element pass found out about the pairs of an item. */
export interface ElementOutcome {
  readonly elements: ReadonlyMap<Pair, ElementEvidence>;
  /** Sum of dW_a dW_b, by key of the sibling. */
  readonly dots: ReadonlyMap<Sibling, number>;
  readonly method: string;
}

/** What the decompositions found out about a pair, or why they could not. */
export type SpectralOutcome =
  | {
      readonly spectra: SpectrumEvidence;
      readonly angles: AngleEvidence | null;
      readonly energy: EnergyEvidence | null;
      /** Largest relative residual of the decompositions. */
      readonly residual: number;
      readonly method: string;
    }
  | {
      readonly reason: string;
      /** Another run with other limits may do better: not kept as a result. */
      readonly passing: boolean;
    };

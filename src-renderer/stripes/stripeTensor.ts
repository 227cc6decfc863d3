import type { TensorEntry } from '../state/TensorDirectory.ts';

/** The matrix of a study that a stripe map shows. */
export interface StudyTensorLike {
  readonly tensor: string;
  readonly rows: number;
  readonly columns: number;
  /** Rows or columns of one attention head, and along which side the heads lie; null where there are none. */
  readonly headSize: number | null;
  readonly headAxis: 'rows' | 'columns' | null;
}

/** Weights changed in every row and in every column, as the curves row-changed and column-changed hold them. */
export interface ChangeProfile {
  readonly rows: readonly number[] | null;
  readonly columns: readonly number[] | null;
}

/** By label of the variant. */
export type ChangeProfiles = Readonly<Record<string, ChangeProfile>>;

export interface WeightPlace {
  readonly row: number;
  readonly column: number;
}

/** "head 3, channel 12" of a place along the axis of heads; empty where there are none. */
export function headWords({ headSize, headAxis }: StudyTensorLike, { row, column }: WeightPlace): string {
  if (headSize === null || headAxis === null) return '';
  const at = headAxis === 'rows' ? row : column;
  return `head ${String(Math.floor(at / headSize))}, channel ${String(at % headSize)}`;
}

/** A tensor as a matrix with its heads; null when it is a vector, or no variant compares it. */
export function stripeTensor({ name, layout }: Pick<TensorEntry, 'name' | 'layout'>): StudyTensorLike | null {
  const { matrix, heads, shape } = layout;
  if (!matrix || shape.length < 2) return null;
  return {
    tensor: name,
    rows: matrix.rows,
    columns: matrix.cols,
    headSize: heads?.size ?? null,
    headAxis: heads?.axis ?? null,
  };
}

/** Widths of the table in pixels. */
export interface OverviewColumns {
  readonly measure: number;
  readonly variant: number;
  readonly strip: number;
  readonly table: number;
  /** Variants that are seen at once. */
  readonly visible: number;
}

const MEASURE = 212;
const WIDE_MEASURE = 300;
const WIDE = 1700;
const NARROW_MEASURE = 132;
const NARROW = 560;
/** Holds a value with its baseline, and a strip on which a baseline can be told from a value. */
const LEAST_VARIANT = 126;
const MOST_VARIANT = 230;
/** Left and right of a cell. */
const PADDING = 17;

/** As wide as the room allows, so that strips are as fine as they can be; never so narrow that numbers are cut. */
export function overviewColumns(room: number, variants: number): OverviewColumns {
  const measure = room < NARROW ? NARROW_MEASURE : room < WIDE ? MEASURE : WIDE_MEASURE;
  const share = Math.floor((room - measure) / Math.max(1, variants));
  const variant = Math.min(MOST_VARIANT, Math.max(LEAST_VARIANT, share));
  return {
    measure,
    variant,
    strip: variant - PADDING,
    table: measure + variant * variants,
    visible: Math.max(1, Math.floor((room - measure) / variant)),
  };
}

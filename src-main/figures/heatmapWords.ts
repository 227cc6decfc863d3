import { formatPlain, formatValue, unitLabel } from '../contract/format.ts';
import type { Row } from '../contract/rows.ts';

/** What the numbers of a map are: values, a difference, a ratio as its log2, or the distance from the baseline. */
export type HeatmapQuantity = 'value' | 'difference' | 'ratio' | 'above-baseline';

/** A share minus a share is in percentage points. */
function signed(value: number, unit: string): string {
  const text = formatValue(value, unit).replace(/ ?%$/, ' pp');
  return value > 0 ? `+${text}` : text;
}

/** A number of a map with its unit: "+1.2 pp", "×0.50", "3.1°". */
export function formatQuantity(value: Row['value'], unit: string, quantity: HeatmapQuantity): string {
  if (quantity === 'value' || typeof value !== 'number') return formatValue(value, unit);
  if (quantity === 'ratio') return `×${formatPlain(2 ** value)}`;
  return signed(value, unit);
}

/** The unit to write beside the name; see unitLabel. */
export function quantityUnit(unit: string, quantity: HeatmapQuantity): string {
  if (quantity === 'value') return unitLabel(unit);
  if (quantity === 'ratio') return '';
  return unit === 'share' ? 'percentage points' : unitLabel(unit);
}

/** Numbers as people read them: the same in the terminal, on the page and in the report. Full precision is for JSON and CSV. */

type Value = number | 'NaN' | 'Infinity' | '-Infinity' | null;

/** Units whose sign every value carries, and units that say nothing beside a number. */
const SIGNED_UNITS = new Set(['share', 'degrees']);
const SILENT_UNITS = new Set(['', 'ratio', 'count', 'weight', 'cosine']);

/** Decimal places that show `digits` significant digits of a positive number; 0.9996 is 1.00 in three. */
function placesFor(magnitude: number, digits: number): number {
  return Math.max(0, digits - 1 - Math.floor(Math.log10(Number(magnitude.toPrecision(digits)))));
}

function scientific(value: number): string {
  return value.toExponential(2).replace('e+', 'e');
}

/** Groups of three digits, from five digits on: "9999", "1 122 944". */
export function formatCount(value: number): string {
  const text = String(Math.abs(value));
  const grouped = text.length > 4 ? text.replace(/\B(?=(\d{3})+$)/g, ' ') : text;
  return value < 0 ? `-${grouped}` : grouped;
}

/** A count in three digits and a letter, e.g. "1.12 M", "8.03 B"; below 10 000 in full. */
export function formatCompact(value: number): string {
  if (Math.abs(value) < 10_000) return formatCount(value);
  let scaled = value / 1e3;
  let letter = 'K';
  for (const next of ['M', 'B', 'T']) {
    if (Math.abs(scaled) < 999.5) break;
    scaled /= 1e3;
    letter = next;
  }
  return `${Math.abs(scaled) >= 99.95 ? scaled.toFixed(0) : scaled.toPrecision(3)} ${letter}`;
}

/** Three significant digits; scientific below 1e-3 and from 1e6 on; whole numbers below 1e6 in full. */
export function formatPlain(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-3 || size >= 1e6) return scientific(value);
  if (Number.isInteger(value) || size >= 999.5) return formatCount(Math.round(value));
  return value.toFixed(placesFor(size, 3));
}

/** Per cent. Near 0 and near 100 it keeps two digits of the smaller side, so that 99.997 never reads 100. */
function formatPercent(percent: number): string {
  if (percent === 0 || percent === 100) return `${String(percent)} %`;
  const size = Math.abs(percent);
  if (size < 1e-3) return `${scientific(percent)} %`;
  if (size < 1) return `${percent.toFixed(placesFor(size, 2))} %`;
  if (size <= 99 || size > 100) return `${percent.toFixed(1)} %`;
  const text = percent.toFixed(Math.min(9, placesFor(100 - size, 2)));
  return Number(text) === 100 ? '> 99.999999999 %' : `${text} %`;
}

function formatDegrees(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0°';
  if (size < 1e-3) return `${scientific(value)}°`;
  const places = size < 1 ? placesFor(size, 2) : Math.min(2, placesFor(size, 3));
  return `${value.toFixed(places)}°`;
}

/** Near 1 it keeps two digits of the distance to 1, so that 0.99997 never reads 1.00. */
function formatCosine(value: number): string {
  const gap = 1 - Math.abs(value);
  return gap > 0 && gap < 0.01 ? value.toFixed(Math.min(9, placesFor(gap, 2))) : formatPlain(value);
}

/**
 * A value with the sign of its unit ("77.2 %", "0.19°"); other units belong beside the measure's name, see unitLabel.
 * Units are those of contract/measure.ts; an unknown one is a pure number. NaN and infinity stay words, null is "n/a".
 */
export function formatValue(value: Value, unit: string): string {
  if (value === null) return 'n/a';
  if (typeof value === 'string') return value;
  if (!Number.isFinite(value)) return String(value);
  if (unit === 'share') return formatPercent(100 * value);
  if (unit === 'degrees') return formatDegrees(value);
  if (unit === 'cosine') return formatCosine(value);
  if (unit === 'count' && Number.isInteger(value)) return formatCount(value);
  return formatPlain(value);
}

/** The unit to write beside a measure's name; empty for pure numbers and for units whose sign every value carries. */
export function unitLabel(unit: string): string {
  return SILENT_UNITS.has(unit) || SIGNED_UNITS.has(unit) ? '' : unit;
}

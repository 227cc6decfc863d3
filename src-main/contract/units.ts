declare const unit: unique symbol;
type Branded<Name extends string> = number & { readonly [unit]: Name };

/** A count of bytes. */
export type Bytes = Branded<'bytes'>;

export const bytes = (value: number): Bytes => value as Bytes;

const SCALES: Record<string, number> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Reads "8GiB", "512 MiB", "2gb" or a plain number of bytes; null when it is none of these. */
export function parseBytes(text: string): Bytes | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]i?b|b)?\s*$/i.exec(text);
  if (!match) return null;
  const value = Math.round(Number(match[1]) * (SCALES[(match[2] ?? 'b').toLowerCase()] ?? 1));
  return Number.isSafeInteger(value) && value > 0 ? bytes(value) : null;
}

/** Binary units with three significant digits, e.g. "1.86 GiB". */
export function formatBytes(value: number): string {
  let scaled = value;
  let name = 'B';
  for (const next of ['KiB', 'MiB', 'GiB', 'TiB']) {
    if (scaled < 1000) break;
    scaled /= 1024;
    name = next;
  }
  return `${name === 'B' ? String(scaled) : scaled.toPrecision(3)} ${name}`;
}

/** Elapsed or remaining time, e.g. "850 ms", "42 s", "3 min 05 s", "2 h 10 min". */
export function formatMillis(ms: number): string {
  if (ms < 1000) return `${String(Math.round(ms))} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, '0')} min`;
}

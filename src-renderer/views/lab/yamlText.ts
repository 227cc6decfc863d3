const PLAIN = /^[A-Za-z_/][A-Za-z0-9 _./@()%-]*$/;
/** Plain words that YAML reads as something else. */
const WORDS = /^(true|false|null|yes|no|on|off|~)$/i;

function scalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return PLAIN.test(value) && !WORDS.test(value) && !value.endsWith(' ') ? value : JSON.stringify(value);
}

const isFlat = (value: unknown): boolean => typeof value !== 'object' || value === null;

function lines(value: unknown, indent: string): string[] {
  if (Array.isArray(value))
    return value.flatMap((item: unknown) => {
      if (isFlat(item)) return [`${indent}- ${scalar(item)}`];
      const [first = '', ...rest] = lines(item, `${indent}  `);
      return [`${indent}- ${first.trimStart()}`, ...rest];
    });
  return Object.entries(value as Record<string, unknown>).flatMap(([name, item]) => {
    if (item === undefined) return [];
    if (isFlat(item)) return [`${indent}${scalar(name)}: ${scalar(item)}`];
    const all = Object.values(item as object);
    if (all.length === 0) return [`${indent}${scalar(name)}: ${Array.isArray(item) ? '[]' : '{}'}`];
    if (Array.isArray(item) && all.every(isFlat))
      return [`${indent}${scalar(name)}: [${all.map(scalar).join(', ')}]`];
    return [`${indent}${scalar(name)}:`, ...lines(item, `${indent}  `)];
  });
}

/** Data of a contract as YAML that people read. Only what JSON can say; text that might be taken for something else is quoted. */
export function yamlText(value: object): string {
  return `${lines(value, '').join('\n')}\n`;
}

import { z } from 'zod';
import { VERSION } from '../base/version.ts';
import { formatCount } from '../contract/format.ts';
import { MadeTensor } from '../contract/recipe.ts';
import { formatBytes } from '../contract/units.ts';

/** polarimeter-provenance.json: where a written checkpoint comes from. */
export const Provenance = z.object({
  schema: z.literal('polarimeter.provenance/1'),
  polarimeter: z.string(),
  /** ISO 8601, UTC. */
  written: z.string(),
  source: z.object({ path: z.string(), title: z.string(), format: z.string() }),
  recipe: z
    .object({
      /** The recipe as it was read, inputs pinned. */
      text: z.string(),
      inputs: z.array(z.object({ name: z.string(), path: z.string(), fingerprint: z.string() })),
      /** What its edits changed. */
      tensors: z.array(MadeTensor),
    })
    .nullable(),
  tensors: z.number().int(),
  bytes: z.number(),
  /** Not written, because another tensor holds the same elements. */
  tied: z.array(z.object({ tensor: z.string(), sharedWith: z.string() })),
  /** Made of others while they were written; Frobenius norm of what rounding to the stored type added. */
  converted: z.array(
    z.object({ tensor: z.string(), from: z.string(), to: z.string(), rounding: z.number() }),
  ),
  /** Files that were copied as they are. */
  copied: z.array(z.string()),
  warnings: z.array(z.string()),
});
export type Provenance = z.infer<typeof Provenance>;

export const PROVENANCE_FILE = 'polarimeter-provenance.json';
export const CARD_FILE = 'README.md';

export function provenanceOf(facts: Omit<Provenance, 'schema' | 'polarimeter' | 'written'>): Provenance {
  return {
    schema: 'polarimeter.provenance/1',
    polarimeter: VERSION,
    written: new Date().toISOString(),
    ...facts,
  };
}

const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``;

function listed(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines.map((line) => `- ${line}`), ''];
}

/** Longer than any run of backticks inside. */
function fenced(text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}yaml`, text.trimEnd(), fence, ''];
}

const euclidean = (values: readonly (number | null)[]): number =>
  Math.sqrt(values.reduce<number>((sum, value) => sum + (value ?? 0) ** 2, 0));

function recipeLines({ text, inputs, tensors }: NonNullable<Provenance['recipe']>): string[] {
  const made = tensors.filter(({ taken }) => !taken);
  const moved = euclidean(made.map((tensor) => tensor.moved));
  const rounding = euclidean(made.map((tensor) => tensor.rounding));
  const computed = [
    `${formatCount(made.length)} tensors computed: ${formatBytes(made.reduce((sum, { bytes }) => sum + bytes, 0))}`,
    `distance from the target of the computed ones before rounding: ${moved.toPrecision(6)}; added by rounding: ${rounding.toPrecision(3)} (Frobenius norms)`,
  ];
  const changes = [
    `${formatCount(tensors.length - made.length)} tensors taken from other inputs as they are`,
    ...(made.length > 0 ? computed : []),
  ];
  return [
    '## Recipe',
    '',
    ...fenced(text),
    ...listed(
      'Inputs',
      inputs.map(
        ({ name, path, fingerprint }) => `${code(name)}: ${code(path)}, content ${code(fingerprint)}`,
      ),
    ),
    ...listed('What the edits changed', changes),
  ];
}

/** README.md: the same for people. @param title name of the folder */
export function provenanceCard(title: string, provenance: Provenance): string {
  const { source, recipe, tensors, bytes, tied, converted, copied, warnings } = provenance;
  return [
    `# ${title}`,
    '',
    `Written by Polarimeter ${provenance.polarimeter} on ${provenance.written.slice(0, 10)} from ${code(source.path)} (${source.format}): ` +
      `${formatCount(tensors)} tensors, ${formatBytes(bytes)}. Every tensor was read back and compared. ` +
      `The same in full is in ${code(PROVENANCE_FILE)}.`,
    '',
    ...(recipe ? recipeLines(recipe) : []),
    ...listed(
      'Tied',
      tied.map(({ tensor, sharedWith }) => `${code(tensor)} is ${code(sharedWith)} and not stored twice`),
    ),
    ...listed(
      'Converted',
      converted.map(
        ({ tensor, from, to, rounding }) =>
          `${code(tensor)} from ${from} to ${to}; rounding added ${rounding.toPrecision(3)} (Frobenius norm)`,
      ),
    ),
    ...listed('Copied as they are', copied.map(code)),
    ...listed('Notes', warnings),
  ].join('\n');
}

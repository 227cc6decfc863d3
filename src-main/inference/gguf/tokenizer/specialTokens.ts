import { z } from 'zod';
import { quoteName, quoteNames } from '../../../checkpoint/quoteName.ts';
import { bool, u32, type GgufEntries } from '../ggufValues.ts';
import type { ModelFiles } from '../modelFiles.ts';
import type { ConvertedVocabulary } from './ConvertedTokenizer.ts';
import { type Step, stepsOf, untokenizable } from './tokenizerFile.ts';

const Named = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)]);
const Id = z.number().int().nonnegative();
const EndIds = z.union([Id.transform((id) => [id]), z.array(Id).max(64)]);

/** Tokens that are put around every text. */
const Template = z.object({
  single: z.array(
    z.union([
      z.object({ SpecialToken: z.object({ id: z.string() }) }),
      z.object({ Sequence: z.object({ id: z.literal('A') }) }),
    ]),
  ),
});

type Ids = ReadonlyMap<string, number>;

export interface SpecialTokens {
  readonly metadata: GgufEntries;
  /** At which answers end; llama.cpp knows three of them at most, and takes more for such by their texts. */
  readonly ends: readonly number[];
}

interface Around {
  readonly before: string | null;
  readonly after: string | null;
}

/** Tokenizer classes that put tokens around texts by their configuration, whatever tokenizer.json says. */
const CONFIGURED = /^(?:Code)?(?:Llama|Gemma)Tokenizer(?:Fast)?$/;
const SLOTS = ['eos_token_id', 'eot_token_id', 'eom_token_id'] as const;

function templateOf(step: Step, path: string): Around {
  const { data } = Template.safeParse(step);
  const names = data?.single.map((each) => ('SpecialToken' in each ? each.SpecialToken.id : null)) ?? [];
  const at = names.indexOf(null);
  const isSimple = at >= 0 && at <= 1 && names.length <= at + 2;
  if (!isSimple) throw untokenizable('it puts several tokens before or after every text', path);
  return { before: names[at - 1] ?? null, after: names[at + 1] ?? null };
}

function around(steps: readonly Step[], path: string): Around {
  const acting = steps.filter(({ type }) => type !== 'ByteLevel');
  const [step, ...more] = acting;
  if (step === undefined) return { before: null, after: null };
  if (step.type === 'TemplateProcessing' && more.length === 0) return templateOf(step, path);
  throw untokenizable(`it processes tokens by ${quoteName(step.type)}`, path);
}

/** Whether a token is put before and after every text, and which. */
function framing(files: ModelFiles, processor: Step | null | undefined): Around {
  const { tokenizerConfig: config, tokenizerPath: path } = files;
  const found = around(stepsOf(processor, 'processors'), path);
  const name = config['tokenizer_class'];
  if (typeof name !== 'string' || !CONFIGURED.test(name)) return found;
  const { data: bos } = Named.safeParse(config['bos_token']);
  const { data: eos } = Named.safeParse(config['eos_token']);
  return {
    before: (config['add_bos_token'] ?? true) === true ? (bos ?? found.before) : null,
    after: config['add_eos_token'] === true ? (eos ?? found.after) : null,
  };
}

/** End tokens: those at which the model's own generation ends. */
function endsOf({ config, generation }: ModelFiles, named: number | null): number[] {
  const declared = [generation['eos_token_id'], config['eos_token_id']].map(
    (each) => EndIds.safeParse(each).data,
  );
  const ends = declared.find((each) => each !== undefined) ?? [];
  const first = named !== null && (ends.length === 0 || ends.includes(named)) ? [named] : [];
  return [...new Set([...first, ...ends])];
}

/** A token that is put around every text must be one; the one after it must be where answers end. */
function frameIds(frame: Around, ends: readonly number[], { ids, path }: { ids: Ids; path: string }) {
  const idOf = (content: string | null): number | null => {
    const id = content === null ? null : ids.get(content);
    if (id !== undefined) return id;
    throw untokenizable(`the token ${quoteName(content ?? '')} around texts is not in its vocabulary`, path);
  };
  const after = idOf(frame.after);
  if (after !== null && after !== ends[0])
    throw untokenizable(
      `it puts ${quoteName(frame.after ?? '')} after texts, at which answers do not end`,
      path,
    );
  return { before: idOf(frame.before), after };
}

/** Numbers of the tokens that begin, end and pad texts, and which of them are put around every text. */
export function specialTokens(
  files: ModelFiles,
  processor: Step | null | undefined,
  { ids, unknown }: Pick<ConvertedVocabulary, 'ids' | 'unknown'>,
): SpecialTokens {
  const { tokenizerConfig, config, tokenizerPath: path } = files;
  const named = (field: string): number | null => {
    const { data } = Named.safeParse(tokenizerConfig[field]);
    return (data === undefined ? undefined : ids.get(data)) ?? null;
  };
  const numbered = (field: string): number | null => Id.safeParse(config[field]).data ?? null;
  const ends = endsOf(files, named('eos_token'));
  const { before, after } = frameIds(framing(files, processor), ends, { ids, path });
  const numbers: [string, number | null][] = [
    ['bos_token_id', before ?? named('bos_token') ?? numbered('bos_token_id')],
    ...SLOTS.map((slot, i): [string, number | null] => [slot, ends[i] ?? null]),
    ['padding_token_id', named('pad_token') ?? numbered('pad_token_id')],
    ['unknown_token_id', unknown],
  ];
  const all: typeof numbers = [...numbers, ...ends.map((id): [string, number] => ['eos_token_id', id])];
  const outside = all.filter(([, id]) => id !== null && id >= ids.size).map(([name]) => name);
  if (outside.length > 0) throw untokenizable(`${quoteNames(outside)} are no tokens of its vocabulary`, path);
  const metadata: GgufEntries = [
    ...numbers.flatMap(([name, id]) => (id === null ? [] : [[`tokenizer.ggml.${name}`, u32(id)] as const])),
    ['tokenizer.ggml.add_bos_token', bool(before !== null)],
    ['tokenizer.ggml.add_eos_token', bool(after !== null)],
  ];
  return { metadata, ends };
}

import type { GgufEntries } from '../ggufValues.ts';
import type { PromptForm } from '../promptText.ts';

/** A tokenizer for the converted file. */
export interface ConvertedTokenizer {
  readonly metadata: GgufEntries;
  /** Number of each token by its text. */
  readonly ids: ReadonlyMap<string, number>;
  /** Number of the token for what has no other. */
  readonly unknown: number | null;
  readonly prompt: PromptForm;
  readonly warnings: readonly string[];
}

/** What a tokenizer is converted for. */
export interface ConversionContext {
  /** Of the embedding. */
  readonly rows: number;
  /** Of tokenizer.json, for messages. */
  readonly path: string;
  /** Whether decoded text loses spaces before punctuation (clean_up_tokenization_spaces). */
  readonly cleansSpaces: boolean;
}

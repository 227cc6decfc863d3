import type { GgufEntries } from '../ggufValues.ts';
import type { PromptForm } from '../promptText.ts';

/** The tokens of a tokenizer for the converted file, and how texts become them. */
export interface ConvertedVocabulary {
  readonly metadata: GgufEntries;
  /** Number of each token by its text. */
  readonly ids: ReadonlyMap<string, number>;
  /** Number of the token for what has no other. */
  readonly unknown: number | null;
  readonly prompt: PromptForm;
  readonly warnings: readonly string[];
}

/** A tokenizer for the converted file. */
export interface ConvertedTokenizer extends Pick<ConvertedVocabulary, 'metadata' | 'prompt' | 'warnings'> {
  /** Numbers of the tokens at which the model's own generation ends. */
  readonly ends: readonly number[];
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

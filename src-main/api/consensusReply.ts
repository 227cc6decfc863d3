import { RowsQuery } from '../contract/routes.ts';
import type { ConsensusDocument } from '../contract/rows.ts';
import type { Study } from '../study/Study.ts';

/** Consensus histograms over the model or a part of it. fails usage */
export async function consensusReply(
  study: Study,
  queries: Readonly<Record<string, string[]>>,
): Promise<ConsensusDocument> {
  const { layers, module } = RowsQuery.parse(queries);
  return {
    schema: 'polarimeter.consensus/1',
    study: study.file.name,
    sets: await study.consensus({ layers, module }),
  };
}

import { RowsQuery } from '../contract/routes.ts';
import type { ConsensusDocument } from '../contract/rows.ts';
import type { Study } from '../study/Study.ts';

/** Consensus histograms over the model or a part of it. fails usage */
export function consensusReply(study: Study, queries: Readonly<Record<string, string[]>>): ConsensusDocument {
  const { layers, module } = RowsQuery.parse(queries);
  return {
    schema: 'polarimeter.consensus/1',
    study: study.file.name,
    sets: study.consensus({ layers, module }),
  };
}

/** Of results.sqlite. */
export const SCHEMA_VERSION = 1;

export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS content (
    file TEXT NOT NULL, offset INTEGER NOT NULL, identity TEXT NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (file, offset)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS binding (
    variant TEXT NOT NULL, tensor TEXT NOT NULL, pair TEXT NOT NULL, reference_hash TEXT NOT NULL,
    variant_hash TEXT NOT NULL, identity TEXT NOT NULL,
    PRIMARY KEY (variant, tensor)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS result (
    pair TEXT NOT NULL, measure TEXT NOT NULL, parts TEXT, baseline TEXT, reason TEXT, method TEXT NOT NULL,
    residual REAL, engine TEXT NOT NULL,
    PRIMARY KEY (pair, measure)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS result_measure ON result (measure);
  CREATE TABLE IF NOT EXISTS skipped (
    pair TEXT NOT NULL PRIMARY KEY, reason TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS curve (
    subject TEXT NOT NULL, name TEXT NOT NULL, shape TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (subject, name)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS header (label TEXT NOT NULL PRIMARY KEY, checkpoint TEXT NOT NULL) WITHOUT ROWID;
`;

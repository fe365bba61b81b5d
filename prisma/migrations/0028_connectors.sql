-- What fetches sources by itself. Of this region: another one fetches for itself, so nothing here is replicated.
CREATE TABLE intelligence.connector (
  code text NOT NULL PRIMARY KEY,
  source_code text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('DOCUMENT', 'GDELT', 'TAXII')),
  importer text NOT NULL,
  url text NOT NULL CHECK (url ~ '^https?://'),
  every_seconds integer NOT NULL CHECK (every_seconds >= 60),
  bytes_max integer NOT NULL CHECK (bytes_max BETWEEN 1024 AND 1073741824),
  etag text,
  last_modified text,
  watermark text,
  next_at timestamptz(3) NOT NULL DEFAULT now(),
  failures integer NOT NULL DEFAULT 0,
  last_run_at timestamptz(3),
  last_outcome text CHECK (last_outcome IN ('CHANGED', 'UNCHANGED', 'FAILED')),
  last_failure text,
  lease_number integer NOT NULL DEFAULT 0,
  lease_until timestamptz(3)
);
COMMENT ON TABLE intelligence.connector IS 'What fetches a source by itself, where it goes on, and whose turn it is.';
COMMENT ON COLUMN intelligence.connector.lease_number IS 'Grows with each turn; only the newest one may move etag, last_modified and watermark.';
CREATE INDEX ON intelligence.connector (next_at);
CREATE INDEX ON intelligence.connector (source_code);

-- Who may send signals by signing requests instead of bringing a token. Keys are derived, so none is here.
CREATE TABLE intelligence.webhook (
  code text NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  source_code text NOT NULL,
  key_version integer NOT NULL DEFAULT 1,
  old_key_until timestamptz(3)
);
COMMENT ON TABLE intelligence.webhook IS 'Senders that sign their requests: for which tenant and source they speak, and by which version of their key.';
COMMENT ON COLUMN intelligence.webhook.old_key_until IS 'Until when the version before is taken as well; null when it is not.';

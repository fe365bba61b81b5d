-- Tables of the mobile subgraph. Ids are UUIDs made by the application, so that regions can write apart;
-- no foreign keys: a parent may live where residency keeps it, and references then read as null.

CREATE TABLE mobile.device (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  owner_id uuid NOT NULL,
  owner_residency text NOT NULL CHECK (owner_residency IN ('global', 'us', 'eu', 'br', 'ap')),
  installation_id text NOT NULL,
  platform text NOT NULL CHECK (platform IN ('IOS', 'ANDROID', 'WEB')),
  model text,
  app_version text NOT NULL,
  registered_at timestamptz(3) NOT NULL DEFAULT now(),
  last_seen_at timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE (tenant, owner_id, installation_id)
);
COMMENT ON TABLE mobile.device IS 'Phones, tablets and browsers.';
CREATE INDEX ON mobile.device (owner_id, registered_at);

CREATE TABLE mobile.sync_cursor (
  device_id uuid NOT NULL,
  scope text NOT NULL,
  cursor text NOT NULL,
  synced_at timestamptz(3) NOT NULL,
  PRIMARY KEY (device_id, scope)
);
COMMENT ON TABLE mobile.sync_cursor IS 'How far devices have synced.';

CREATE TABLE mobile.offline_mutation (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  device_id uuid NOT NULL,
  sequence integer NOT NULL,
  name text NOT NULL,
  arguments jsonb NOT NULL,
  status text NOT NULL CHECK (status IN ('RECEIVED', 'APPLIED', 'SUPERSEDED', 'REFUSED')),
  refusal text,
  received_at timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE (device_id, sequence)
);
COMMENT ON TABLE mobile.offline_mutation IS 'What devices changed offline. The graph root is called Mutation, so these are not.';

CREATE TABLE mobile.push_token (
  device_id uuid NOT NULL,
  provider text NOT NULL CHECK (provider IN ('APNS', 'FCM', 'WEB_PUSH')),
  token_hash text NOT NULL,
  active boolean NOT NULL,
  registered_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (device_id, provider)
);
COMMENT ON TABLE mobile.push_token IS 'Where to push; only a hash tells tokens apart, the token itself is encrypted by the key store of a later part.';

CREATE TABLE mobile.notification (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  owner_id uuid NOT NULL,
  topic text NOT NULL,
  title text NOT NULL,
  assessment_id uuid,
  assessment_residency text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  read_at timestamptz(3)
);
COMMENT ON TABLE mobile.notification IS 'Hints that something is new.';
CREATE INDEX ON mobile.notification (owner_id, created_at);

CREATE TABLE mobile.assessment_pin (
  device_id uuid NOT NULL,
  assessment_id uuid NOT NULL,
  assessment_residency text NOT NULL CHECK (assessment_residency IN ('global', 'us', 'eu', 'br', 'ap')),
  pinned_at timestamptz(3) NOT NULL DEFAULT now(),
  synced_at timestamptz(3),
  PRIMARY KEY (device_id, assessment_id)
);
COMMENT ON TABLE mobile.assessment_pin IS 'Which assessment is kept on which device.';
CREATE INDEX ON mobile.assessment_pin (assessment_id);

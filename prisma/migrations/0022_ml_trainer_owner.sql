-- A trainer is whoever offered it first: nobody else asks for its tasks or answers in its name.
ALTER TABLE ml.participant ADD COLUMN tenant text NOT NULL DEFAULT '', ADD COLUMN owner text NOT NULL DEFAULT '';
ALTER TABLE ml.participant ALTER COLUMN tenant DROP DEFAULT, ALTER COLUMN owner DROP DEFAULT;

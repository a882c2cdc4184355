-- What verdicts are made from: counts that only ever grow, per generation of a variant. A generation begins with a new
-- version of either side, or by hand; the counts of earlier ones stay.

CREATE TABLE evidence_generations (
  route      text        NOT NULL,
  variant    text        NOT NULL,
  generation integer     NOT NULL,
  -- Exchanges from this time on belong to it, by the time inside their ids; earlier ones too where it is the first.
  began_at   timestamptz NOT NULL,
  reason     text        NOT NULL,
  actor      text        NOT NULL,
  versions   jsonb       NOT NULL DEFAULT '{}',
  -- Parameters learned from the first pairs of each endpoint, set once.
  frozen     jsonb       NOT NULL DEFAULT '{}',
  PRIMARY KEY (route, variant, generation)
);

CREATE TABLE evidence (
  route      text    NOT NULL,
  variant    text    NOT NULL,
  generation integer NOT NULL,
  endpoint   text    NOT NULL,
  metric     text    NOT NULL,
  detail     text    NOT NULL DEFAULT '',
  count      bigint  NOT NULL,
  first_seen uuid    NOT NULL,
  PRIMARY KEY (route, variant, generation, endpoint, metric, detail)
) WITH (fillfactor = 70);

CREATE TABLE verdict_changes (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         timestamptz NOT NULL,
  route      text        NOT NULL,
  variant    text        NOT NULL,
  generation integer     NOT NULL,
  verdict    text        NOT NULL CHECK (verdict IN ('pass', 'fail', 'inconclusive', 'invalid')),
  reason     text        NOT NULL,
  -- The policy and the version of the procedure that it was made by.
  details    jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX verdict_changes_by_route ON verdict_changes (route, variant, id DESC);

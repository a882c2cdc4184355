-- Rules, what the control has shown, and what differs by cause. Counts here grow by pairs that are new, in the statement
-- that settles them, and outlive the comparisons that they come from.

-- Rules written over REST or the CLI; those of the routes file stay in the file.
CREATE TABLE rules (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- null: every route
  route      text,
  name       text        NOT NULL,
  position   integer     NOT NULL,
  -- as a user writes it; plugin-config/rules.ts reads it
  body       jsonb       NOT NULL,
  owner      text,
  until      text,
  created_at timestamptz NOT NULL,
  created_by text        NOT NULL
);
CREATE UNIQUE INDEX rules_by_name ON rules (coalesce(route, ''), name);

-- Control pairs by endpoint, and the units of noise that they have shown, by version of the primary.
CREATE TABLE noise_pairs (
  route    text   NOT NULL,
  version  text   NOT NULL,
  endpoint text   NOT NULL,
  pairs    bigint NOT NULL,
  PRIMARY KEY (route, version, endpoint)
);
CREATE TABLE noise_units (
  nr          bigint GENERATED ALWAYS AS IDENTITY,
  route       text   NOT NULL,
  version     text   NOT NULL,
  -- of endpoint, path and kind, which may be longer than a key can be
  unit        text   NOT NULL,
  shape       text   NOT NULL,
  endpoint    text   NOT NULL,
  path        text   NOT NULL,
  kind        text   NOT NULL,
  pairs       bigint NOT NULL,
  max_skew_ms double precision NOT NULL,
  examples    jsonb  NOT NULL,
  PRIMARY KEY (route, version, unit, shape)
);
CREATE INDEX noise_units_by_nr ON noise_units (nr);

CREATE TABLE causes (
  route       text NOT NULL,
  variant     text NOT NULL,
  id          text NOT NULL,
  endpoint    text NOT NULL,
  path        text NOT NULL,
  kind        text NOT NULL,
  value_class text NOT NULL,
  -- the rule that covers it, `learned`, or '' for what counts
  noise       text NOT NULL,
  PRIMARY KEY (route, variant, id)
);

-- The same pairs counted by minute, and by hour for long windows.
CREATE TABLE cause_counts (
  minute     timestamptz NOT NULL,
  route      text        NOT NULL,
  variant    text        NOT NULL,
  cause      text        NOT NULL,
  pairs      bigint      NOT NULL,
  first_seen timestamptz NOT NULL,
  last_seen  timestamptz NOT NULL,
  PRIMARY KEY (route, minute, variant, cause)
);
CREATE TABLE cause_hours (
  hour       timestamptz NOT NULL,
  route      text        NOT NULL,
  variant    text        NOT NULL,
  cause      text        NOT NULL,
  pairs      bigint      NOT NULL,
  first_seen timestamptz NOT NULL,
  last_seen  timestamptz NOT NULL,
  PRIMARY KEY (route, hour, variant, cause)
);

-- The newest pair of each slot of a cause: varied, recent, and the rare ones stay.
CREATE TABLE cause_samples (
  route       text        NOT NULL,
  variant     text        NOT NULL,
  cause       text        NOT NULL,
  slot        smallint    NOT NULL,
  at          timestamptz NOT NULL,
  exchange_id uuid        NOT NULL,
  difference  jsonb       NOT NULL,
  PRIMARY KEY (route, variant, cause, slot)
);

-- What `rollups` holds, by hour: a report of weeks reads these and the minutes at its two ends.
CREATE TABLE rollup_hours (
  hour     timestamptz NOT NULL,
  route    text        NOT NULL,
  variant  text        NOT NULL,
  endpoint text        NOT NULL,
  outcome  text        NOT NULL,
  pairs    bigint      NOT NULL,
  PRIMARY KEY (hour, route, variant, endpoint, outcome)
);
INSERT INTO rollup_hours
SELECT date_bin('1 hour', minute, 'epoch'), route, variant, endpoint, outcome, sum(pairs) FROM rollups GROUP BY 1, 2, 3, 4, 5;
CREATE INDEX rollup_hours_by_route ON rollup_hours (route, hour DESC);

-- Response times as a histogram: bucket n reaches to 1.1^n microseconds (core/latency-bucket.ts).
CREATE TABLE latency_hours (
  hour    timestamptz NOT NULL,
  route   text        NOT NULL,
  variant text        NOT NULL,
  -- `primary` or `other`
  side    text        NOT NULL,
  bucket  smallint    NOT NULL,
  pairs   bigint      NOT NULL,
  PRIMARY KEY (route, hour, variant, side, bucket)
);

-- Places in paths where values stand, as learned (`GET /users/{value}`): known again after a restart.
CREATE TABLE endpoint_templates (
  route    text NOT NULL,
  template text NOT NULL,
  PRIMARY KEY (route, template)
);

-- A page of comparisons of one endpoint, or of one outcome of one route, without reading the others.
CREATE INDEX comparisons_by_endpoint ON comparisons (route, endpoint, created_at DESC, exchange_id DESC);
CREATE INDEX comparisons_by_route_outcome ON comparisons (route, outcome, created_at DESC, exchange_id DESC)
  WHERE outcome <> 'match';

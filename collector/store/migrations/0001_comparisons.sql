-- Comparisons, what was never compared, and the counts that stay when rows are dropped.
-- Every time below is the one inside the exchange id (UUIDv7), never the clock, so a replay lands in the same place.

CREATE TABLE comparisons (
  created_at         timestamptz NOT NULL,
  exchange_id        uuid        NOT NULL,
  variant            text        NOT NULL,
  route              text        NOT NULL,
  method             text        NOT NULL,
  path               text        NOT NULL,
  endpoint           text        NOT NULL,
  outcome            text        NOT NULL CHECK (outcome IN ('match', 'noise', 'different', 'incomplete')),
  differences        jsonb       NOT NULL DEFAULT '[]',
  differences_cut    boolean     NOT NULL DEFAULT false,
  notes              text[]      NOT NULL DEFAULT '{}',
  primary_status     integer,
  shadow_status      integer,
  primary_latency_ms double precision,
  shadow_latency_ms  double precision,
  primary_headers    jsonb,
  shadow_headers     jsonb,
  primary_body       text,
  shadow_body        text,
  primary_body_bytes bigint,
  shadow_body_bytes  bigint,
  request_headers    jsonb,
  skipped            text,
  PRIMARY KEY (created_at, exchange_id, variant)
) PARTITION BY RANGE (created_at);

CREATE TABLE comparisons_default PARTITION OF comparisons DEFAULT;

CREATE INDEX comparisons_by_route ON comparisons (route, created_at DESC, exchange_id DESC);
CREATE INDEX comparisons_by_outcome ON comparisons (outcome, created_at DESC, exchange_id DESC) WHERE outcome <> 'match';
CREATE INDEX comparisons_by_exchange ON comparisons (exchange_id);

-- One row for every expected pair that reached its end, stored or not: what makes every count exact however often
-- a record is delivered. Rows older than the longest replay are dropped with their partition.
CREATE TABLE settled_pairs (
  created_at  timestamptz NOT NULL,
  exchange_id uuid        NOT NULL,
  variant     text        NOT NULL,
  PRIMARY KEY (created_at, exchange_id, variant)
) PARTITION BY RANGE (created_at);

CREATE TABLE settled_pairs_default PARTITION OF settled_pairs DEFAULT;

CREATE TABLE unpaired (
  created_at  timestamptz NOT NULL,
  exchange_id uuid        NOT NULL,
  variant     text        NOT NULL,
  side        text        NOT NULL,
  route       text        NOT NULL,
  reason      text        NOT NULL,
  method      text,
  path        text,
  PRIMARY KEY (created_at, exchange_id, variant)
) PARTITION BY RANGE (created_at);

CREATE TABLE unpaired_default PARTITION OF unpaired DEFAULT;
CREATE INDEX unpaired_by_route ON unpaired (route, created_at DESC);
CREATE INDEX unpaired_by_exchange ON unpaired (exchange_id);

-- Counts per minute of exchange time; `outcome` is a comparison's outcome or `unpaired:<reason>`.
CREATE TABLE rollups (
  minute     timestamptz NOT NULL,
  route      text        NOT NULL,
  variant    text        NOT NULL,
  endpoint   text        NOT NULL,
  outcome    text        NOT NULL,
  pairs      bigint      NOT NULL,
  PRIMARY KEY (minute, route, variant, endpoint, outcome)
);
CREATE INDEX rollups_by_route ON rollups (route, minute DESC);

-- The taps' own running counters (cumulative since started_at, so writing one twice changes nothing).
CREATE TABLE tap_instances (
  instance     text        NOT NULL,
  started_at   timestamptz NOT NULL,
  reported_at  timestamptz NOT NULL,
  last_sequence bigint     NOT NULL,
  seen         bigint      NOT NULL,
  shipped      bigint      NOT NULL,
  queued       bigint      NOT NULL,
  dropped      jsonb       NOT NULL DEFAULT '{}',
  routes       jsonb       NOT NULL DEFAULT '{}',
  PRIMARY KEY (instance, started_at)
);

-- Append-only audit: who did what, when, with what before and after.
CREATE TABLE events (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         timestamptz NOT NULL,
  kind       text        NOT NULL,
  route      text,
  actor      text        NOT NULL,
  details    jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX events_by_route ON events (route, id DESC);

-- Routes with their versions, the outbox of the audit, and what the role `control` tells the other roles.

-- Set once the record is in the topic of events, so that none is lost between the table and the topic.
ALTER TABLE events ADD COLUMN published boolean NOT NULL DEFAULT false;
CREATE INDEX events_unpublished ON events (id) WHERE NOT published;

CREATE TABLE routes (
  name       text        PRIMARY KEY,
  version    integer     NOT NULL,
  managed_by text        NOT NULL CHECK (managed_by IN ('file', 'rest', 'flags', 'label')),
  body       jsonb       NOT NULL,
  -- What the flags of `npm start` said last: with the same flags again, a person's edits stay.
  seed       jsonb,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by text        NOT NULL
);

-- Identities follow the order of commits (writers take turns), so the highest one tells whether anything changed.
CREATE TABLE route_versions (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name       text        NOT NULL,
  version    integer     NOT NULL,
  at         timestamptz NOT NULL,
  actor      text        NOT NULL,
  action     text        NOT NULL CHECK (action IN ('created', 'changed', 'deleted', 'restored')),
  managed_by text        NOT NULL,
  body       jsonb       NOT NULL,
  UNIQUE (name, version)
);

-- What the role `control` knows, one row a thing, for processes that do not have that role.
CREATE TABLE control_state (
  key  text        PRIMARY KEY,
  at   timestamptz NOT NULL,
  body text        NOT NULL
);

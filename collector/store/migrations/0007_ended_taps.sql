-- A tap that fell silent with pairs in its queue was killed with them: since when, and how many were told to the metrics.
ALTER TABLE tap_instances
  ADD COLUMN ended_at    timestamptz,
  ADD COLUMN ended_pairs bigint NOT NULL DEFAULT 0;

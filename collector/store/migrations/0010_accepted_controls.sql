-- Control traffic that a person accepted for a route that comes from labels, by the service whose traffic it is: it holds
-- however often the route's containers come and go. Who accepted it and when stands in its event.
CREATE TABLE accepted_controls (
  service text             PRIMARY KEY,
  percent double precision NOT NULL CHECK (percent > 0 AND percent <= 100),
  rate    double precision NOT NULL CHECK (rate >= 0)
);

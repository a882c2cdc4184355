#!/bin/sh
# Makes the database at the first start, then runs the server in this process.
set -eu
volume=/var/lib/postgresql
data=$volume/understudy
if ! touch "$volume/.writable" 2>/dev/null; then
  echo "postgres: $volume cannot be written by uid $(id -u): the volume belongs to another user; docker volume rm it, or chown it" >&2
  exit 1
fi
# On a full disk a first start ends half-way; a later one may make room by itself.
free=$(df -Pk "$volume" | awk 'NR == 2 { print $4 }')
if [ "$free" -lt 65536 ]; then
  echo "postgres: $volume has $((free / 1024)) MiB left, and needs 64 to start: make room on its disk, then lower UNDERSTUDY_RETENTION_GIB" >&2
  [ -f "$data/ready" ] || exit 1
fi
if [ ! -f "$data/ready" ]; then
  # A first start that was cut off is done again from nothing.
  rm -rf "$data"
  initdb --pgdata="$data" --username=understudy --pwfile=/run/secrets/postgres-password \
    --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --locale=C --data-checksums >/dev/null
  demo=$(cat /run/secrets/demo-password)
  grafana=$(cat /run/secrets/grafana-database-password)
  # Alone with the data, one statement a line: nobody can come in before the passwords are set.
  postgres --single -D "$data" postgres >/dev/null <<SQL
CREATE DATABASE understudy
CREATE ROLE demo LOGIN PASSWORD '$demo'
CREATE DATABASE demo_primary OWNER demo
CREATE DATABASE demo_shadow OWNER demo
CREATE ROLE grafana LOGIN PASSWORD '$grafana'
SQL
  # Whatever the collector will make may be read by Grafana, and changed by the collector alone.
  postgres --single -D "$data" understudy >/dev/null <<SQL
ALTER DEFAULT PRIVILEGES FOR ROLE understudy IN SCHEMA public GRANT SELECT ON TABLES TO grafana
SQL
  echo 'host all all all scram-sha-256' >> "$data/pg_hba.conf"
  touch "$data/ready"
fi
exec postgres -D "$data" -c config_file=/etc/understudy/postgresql.conf

#!/bin/sh
# Formats the volume at its first start, then runs the broker in this process.
set -eu
data=/var/lib/kafka/data
if ! touch "$data/.writable" 2>/dev/null; then
  echo "kafka: $data cannot be written by uid $(id -u): the volume belongs to another user; docker compose down, then docker volume rm the volume, or chown it" >&2
  exit 1
fi
# On a full disk a first start ends half-way; a later one may make room by itself.
free=$(df -Pk "$data" | awk 'NR == 2 { print $4 }')
if [ "$free" -lt 65536 ]; then
  echo "kafka: $data has $((free / 1024)) MiB left, and needs 64 to start: make room on its disk, then lower log.retention.bytes in kafka.properties" >&2
  [ -f "$data/log/meta.properties" ] || exit 1
fi
if [ ! -f "$data/log/meta.properties" ]; then
  id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=' | sed 's/^-/A/')
  java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '/opt/kafka/libs/*' kafka.tools.StorageTool \
    format -t "$id" -c /etc/understudy/kafka.properties
fi
exec java ${KAFKA_JAVA_OPTIONS:--Xms128m -Xmx512m} -Dlog4j2.configurationFile=/etc/understudy/kafka-log.yaml \
  -cp '/opt/kafka/libs/*' kafka.Kafka /etc/understudy/kafka.properties

#!/bin/bash
# One Metadata request (version 4, no topics): healthy when the answer lists a broker. Nothing else is started for it.
LC_ALL=C
exec 3<>/dev/tcp/127.0.0.1/9092 || exit 1
printf '\x00\x00\x00\x0f\x00\x03\x00\x04\x00\x00\x00\x01\xff\xff\x00\x00\x00\x00\x00' >&3
# After size, correlation id and throttle time, four bytes each, comes the number of brokers: its last byte is the 16th.
for _ in {1..16}; do
  # A zero ends a read with nothing read.
  IFS= read -r -d '' -n 1 -t 4 byte <&3 || exit 1
done
[ -n "$byte" ]

#!/bin/bash
# One Metadata request (version 4, no topics): healthy when the answer lists a broker. No JVM is started for it.
exec 3<>/dev/tcp/127.0.0.1/9092 || exit 1
printf '\x00\x00\x00\x0f\x00\x03\x00\x04\x00\x00\x00\x01\xff\xff\x00\x00\x00\x00\x00' >&3
# After size, correlation id and throttle time, four bytes each, comes the number of brokers.
[ "$(timeout 4 head -c 16 <&3 | od -An -tu1 | tr -s ' \n' ' ' | awk '{ print $16 }')" -gt 0 ] 2>/dev/null

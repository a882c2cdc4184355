// Package tap is what Traefik loads: a middleware that copies both sides of an exchange for comparison.
//
// On the mirroring service (side primary) it gives a request its exchange id before Traefik copies it, and records the
// primary's answer while it passes. On the one-entry weighted service around a shadow or the control (sides shadow and
// control) it records an answer that nobody else reads, guards that service against too much, and ends what takes too
// long. Records go to a bounded queue; one goroutine for all instances posts them to ingest.
//
// Traefik runs this package under Yaegi, an interpreter, and that decides its style:
//
//   - A statement costs about 0.2 µs, a call of the standard library 0.5 µs, a call of a function of ours 1.3 µs and
//     0.03 µs for each expression in it, run or not. So what every request passes is written in a row, with few calls,
//     and all that is rare stands in functions of its own.
//   - What Traefik calls on a response writer goes through reflection. A writer is therefore made once and reused
//     (leg.go), and the methods that need no code of ours are promoted from types of the standard library.
//   - Some Go is missing, and some does something else: no label breaks out of a select, no defer in a loop, no
//     generics, no min or max, no range over numbers, no goroutine without a recover.
//
// Traefik makes new instances at every change of its configuration and never closes old ones: an instance owns nothing
// that must be closed.
package tap

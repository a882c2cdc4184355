// Ends our child processes when we die without a chance to do it (SIGKILL, a crash). One small shell holds the end of
// a pipe: it is told every child's id, and when the pipe closes it ends those that it was not told the end of.
import { type ChildProcess, spawn } from 'node:child_process'

const SCRIPT = `
pids=" "
while read -r sign pid; do
  case "$sign" in
    +) pids="$pids$pid " ;;
    -) rest="\${pids#* $pid }"; [ "$rest" = "$pids" ] || pids="\${pids%% $pid *} $rest" ;;
  esac
done
[ "$pids" = " " ] && exit 0
for pid in $pids; do kill -TERM "$pid" 2>/dev/null; done
for wait in 1 2 3 4 5 6 7 8; do
  alive=
  for pid in $pids; do kill -0 "$pid" 2>/dev/null && alive=1; done
  [ -z "$alive" ] && exit 0
  sleep 1
done
for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done
`

let guardian: ChildProcess | undefined

/** Watches over a child from now on; call what it gives back when the child has ended. */
export function guard(pid: number): () => void {
  if (process.platform === 'win32') return () => {}
  guardian ??= startGuardian()
  const input = guardian.stdin
  input?.write(`+ ${pid}\n`)
  return () => {
    input?.write(`- ${pid}\n`)
  }
}

function startGuardian(): ChildProcess {
  // Detached, so that Ctrl-C in the terminal, which goes to the whole group, does not end it first.
  const child = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  child.on('error', () => {})
  child.stdin?.on('error', () => {})
  child.once('exit', () => {
    guardian = undefined
  })
  child.unref()
  ;(child.stdin as unknown as { unref?: () => void } | null)?.unref?.()
  return child
}
